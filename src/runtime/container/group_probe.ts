import type { Probe, ProbeResult } from "../../roll/effects.ts";
import type { ContainerInstance } from "./container_instance.ts";
import { LoneReplica } from "./lone_replica.ts";
import type { Replica } from "./replica.ts";

/** Who asks several has to be done before whoever asks him gives up. */
const SHARE_OF_TIME = 0.75;

/** Asks the containers of an instance whether they are well. */
export class GroupProbe {
  readonly #probe: Probe;
  readonly #timeoutMs: number;
  readonly #threshold: number;

  /**
   * @param probe Sees each container as an instance of its own.
   * @param timeoutMs Of one probe.
   * @param threshold After so many bad answers in a row a container that served gets no requests.
   */
  constructor(probe: Probe, timeoutMs: number, threshold: number) {
    this.#probe = probe;
    this.#timeoutMs = timeoutMs;
    this.#threshold = threshold;
  }

  /**
   * Asks all of them. Until they have proven themselves, a group with a bad container is no better
   * than a bad container; later the others go on without it.
   */
  async all(instance: ContainerInstance, signal: AbortSignal): Promise<ProbeResult> {
    const up = [...instance.replicas].filter(({ endpoint }) => endpoint !== null);
    if (up.length === 0) return { healthy: false, detail: "none of its containers runs" };
    if (instance.isBeingAdopted) return await this.#some(instance, up, signal);
    // Those that get no requests have nothing but their own check.
    const { isSettled } = instance;
    const doubted = [...instance.replicas].filter(({ isSilent }) => isSilent || !isSettled);
    const doubt = doubted.map(ownDoubt).find((doubt) => doubt !== null);
    if (doubt !== undefined) return { healthy: false, detail: doubt };
    if (isSettled) return await this.#each(instance, up, signal);
    const results = await Promise.all(up.map((one) => this.#one(instance, one, signal)));
    return results.find(({ healthy }) => !healthy) ?? { healthy: true };
  }

  /** Asks one of them. */
  async isWell(
    instance: ContainerInstance,
    replica: Replica,
    signal: AbortSignal,
  ): Promise<boolean> {
    const limit = AbortSignal.timeout(this.#timeoutMs);
    return (await this.#one(instance, replica, AbortSignal.any([signal, limit]))).healthy;
  }

  /** They have served before: those that are well go on, whatever the others are like. */
  async #some(
    instance: ContainerInstance,
    up: readonly Replica[],
    signal: AbortSignal,
  ): Promise<ProbeResult> {
    const hopeful = up.filter(({ isSick }) => !isSick);
    const asked = hopeful.length === 0 ? up : hopeful;
    const limit = AbortSignal.timeout(this.#timeoutMs * SHARE_OF_TIME);
    const either = AbortSignal.any([signal, limit]);
    const results = await Promise.all(asked.map(async (one) => {
      const result = await this.#one(instance, one, either);
      one.isSick = !result.healthy;
      return result;
    }));
    return results.find(({ healthy }) => healthy) ?? results[0]!;
  }

  /** Those that have served for long: the others need not fall with one of them. */
  async #each(
    instance: ContainerInstance,
    up: readonly Replica[],
    signal: AbortSignal,
  ): Promise<ProbeResult> {
    const serving = up.filter(({ isReady }) => isReady);
    const limit = AbortSignal.timeout(this.#timeoutMs * SHARE_OF_TIME);
    const either = AbortSignal.any([signal, limit]);
    const results = await Promise.all(
      (serving.length > 0 ? serving : up).map(async (replica) => {
        const result = await this.#one(instance, replica, either);
        replica.misses = result.healthy ? 0 : replica.misses + 1;
        return { replica, result };
      }),
    );
    if (!results.some(({ result }) => result.healthy)) return results[0]!.result;
    for (const { replica, result } of results) {
      if (result.healthy || replica.misses < this.#threshold) continue;
      instance.setAside(replica, result.detail);
    }
    return { healthy: true };
  }

  async #one(
    instance: ContainerInstance,
    replica: Replica,
    signal: AbortSignal,
  ): Promise<ProbeResult> {
    const { endpoint, name } = replica;
    if (endpoint === null) return { healthy: false, detail: `container ${name} does not run` };
    if (replica.isDoubtful && !instance.isCommitted) {
      return { healthy: false, detail: "nobody knows who answers while the engine is away" };
    }
    const doubt = ownDoubt(replica);
    if (doubt !== null) return { healthy: false, detail: doubt };
    return await this.#probe(new LoneReplica(instance, endpoint), signal);
  }
}

/** What the image's own check has against a container: it has the last word where there is one. */
export function ownDoubt({ state, health, name }: Replica): string | null {
  if (state !== "up" || (health !== "starting" && health !== "unhealthy")) return null;
  return `the health check of container ${name} says ${health}`;
}
