import type { Crew } from "./crew.ts";
import { endContainer } from "./end_container.ts";
import type { Replica } from "./replica.ts";
import type { ReplicaSet } from "./replica_set.ts";

/** What is in flight on a container that is one too many gets so long. */
const SURPLUS_MS = 10_000;

/** Containers of an instance that get no requests any more, and end soon. */
export class Leaving implements Iterable<Replica> {
  readonly #crew: Crew;
  readonly #replicas: Pick<ReplicaSet, "leave">;
  readonly #all = new Set<Replica>();

  /** @param replicas Those that serve: who leaves is not one of them any more. */
  constructor(crew: Crew, replicas: Pick<ReplicaSet, "leave">) {
    this.#crew = crew;
    this.#replicas = replicas;
  }

  /**
   * Resolves when `leaving` have ended.
   *
   * @param drain Waits until the endpoint of that key has nothing to do.
   */
  async letGo(
    leaving: readonly Replica[],
    drain: (key: string) => Promise<unknown>,
  ): Promise<void> {
    const keys = leaving.map(({ endpoint }) => endpoint?.key);
    for (const replica of leaving) {
      // From here on its end is no news.
      this.#replicas.leave(replica);
      this.#all.add(replica);
    }
    await Promise.all(leaving.map((replica, index) => this.#end(replica, keys[index], drain)));
  }

  /** Lets go of those that are too many, and of what is in flight on them soon after. */
  async letGoSurplus(surplus: readonly Replica[], signal: AbortSignal): Promise<void> {
    if (surplus.length === 0) return;
    await this.letGo(surplus, () => this.#crew.clock.sleep(SURPLUS_MS, signal));
  }

  /** Those that were not seen to end yet. */
  [Symbol.iterator](): IterableIterator<Replica> {
    return this.#all.values();
  }

  async #end(
    replica: Replica,
    key: string | undefined,
    drain: (key: string) => Promise<unknown>,
  ): Promise<void> {
    if (key !== undefined) await drain(key);
    // Who cannot be ended is tried again when all are.
    if (replica.state !== "gone" && await endContainer(this.#crew, replica) === "survived") return;
    this.#all.delete(replica);
  }
}
