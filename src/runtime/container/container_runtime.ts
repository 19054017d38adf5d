import { abortable } from "@std/async/abortable";
import type { Engine } from "../../container/engine/engine.ts";
import type { CommandEnd, Inside } from "../../health/inside.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import {
  OutageError,
  type Probe,
  RemainsError,
  type Runtime,
  type Search,
} from "../../roll/effects.ts";
import type { Endpoint, Instance, StopOutcome } from "../../roll/instance.ts";
import type { RollEvent } from "../../roll/events.ts";
import type { InstanceRecord } from "../../roll/journal.ts";
import type { LineOrigin, OutputStream } from "../process.ts";
import type { Identity } from "../process_instance.ts";
import { type ContainerEvent, eventOf } from "./container_news.ts";
import { ContainerInstance } from "./container_instance.ts";
import { containerOrphans } from "./container_orphans.ts";
import type { Crew } from "./crew.ts";
import { EngineWatch } from "./engine_watch.ts";
import { GroupProbe } from "./group_probe.ts";
import { LABELS, type Owner } from "./labels.ts";
import type { Maker } from "./maker.ts";
import { ownContainers } from "./own_containers.ts";
import { asOutage, isFailure } from "./outage.ts";
import { type PortProbe, publishedPortProbe } from "./published_port.ts";
import { untilAnswered } from "./until_answered.ts";

/** Time for one call to the engine beside starting and stopping. */
const CALL_MS = 30_000;

/** So long those that can be looked at wait for one that the engine cannot look at. */
const PATIENCE_MS = 10_000;

/** How versions are run in containers. */
export interface ContainerRuntimeOptions {
  readonly engine: Engine;
  readonly owner: Owner;
  readonly maker: Maker;
  /** Copies that an exchange begins with; null: an instance takes over as a whole. */
  readonly firstPart: number | null;
  /** What serves goes on when liveroll stops. */
  readonly staysOnStop: boolean;
  readonly stopTimeoutMs: number;
  /** A new version must stay well so long. */
  readonly minHealthyMs: number;
  readonly healthProbeTimeoutMs: number;
  /** After so many bad answers in a row one of several containers gets no requests. */
  readonly livenessThreshold: number;
  /** Whether a container can be reached at all. @default {by a connection} */
  readonly reach?: PortProbe;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  date(): number;
  readonly log: Log;
  /** Hears what containers print, line by line. */
  readonly childLog: Log;
  redact(line: string): string;
  onLine(line: string, stream: OutputStream, instance: LineOrigin): void;
}

/** Runs versions in containers of a Docker Engine, or a Podman, on this host. */
export class ContainerRuntime implements Runtime, Inside, AsyncDisposable {
  /** Containers run on without us; the engine keeps what they print. */
  readonly outlives = true;
  readonly staysOnStop: boolean;
  /** Hears what happens to containers; must not throw. */
  onEvent: (event: ContainerEvent) => void = () => {};
  readonly #options: ContainerRuntimeOptions;
  readonly #watch: EngineWatch;
  readonly #instances = new Map<string, ContainerInstance>();
  /** Nobody is looked for any more. */
  readonly #end = new AbortController();
  /** Nothing is waited for any more. */
  readonly #killed = new AbortController();
  #probes: GroupProbe;

  constructor(options: ContainerRuntimeOptions) {
    this.#options = options;
    this.staysOnStop = options.staysOnStop;
    // Those from before the state directory was moved have other labels of ours, and matter, too.
    this.#watch = new EngineWatch({ ...options, labels: [`${LABELS.app}=${options.owner.app}`] });
    const wellEnough = () => Promise.resolve({ healthy: true } as const);
    this.#probes = this.#group(wellEnough);
  }

  /** Containers of a whole instance. */
  get count(): number {
    return this.#options.maker.count;
  }

  /** How one container is asked whether it is well; `probe` sees each as an instance of its own. */
  useProbe(probe: Probe): Probe {
    this.#probes = this.#group(probe);
    return (instance, signal) => this.#probes.all(instance as ContainerInstance, signal);
  }

  async start(what: Identity & { isPart?: boolean }): Promise<Instance> {
    const { maker, firstPart } = this.#options;
    const { outages } = this.#watch;
    try {
      const late = AbortSignal.timeout(CALL_MS);
      await maker.prepare(what.id, AbortSignal.any([late, this.#killed.signal]));
      const instance = this.#keep(new ContainerInstance(what, this.#crew()));
      await instance.start(what.isPart && firstPart !== null ? firstPart : maker.count);
      return instance;
    } catch (error) {
      if (!(error instanceof RemainsError)) throw await this.#explain(error, outages);
      throw new RemainsError(error.remains, await this.#explain(error.why, outages));
    }
  }

  async find(record: InstanceRecord, search: Search): Promise<Instance | null> {
    const known = this.#instances.get(record.key);
    if (known) return known;
    const signal = AbortSignal.any([search.signal, this.#end.signal]);
    // What is not to stay is looked for once more at the end: else it would not be stopped.
    const patience = this.staysOnStop ? search.signal : this.#killed.signal;
    const cut = AbortSignal.any([patience, this.#end.signal]);
    const what = `Containers of ${record.id} cannot be looked for`;
    const { clock } = this.#options;
    const urgentAt = clock.now() + PATIENCE_MS;
    // Nobody may be taken for gone because the engine is.
    const look = () => this.#find(record, cut, clock.now() >= urgentAt);
    return await untilAnswered(what, look, { ...search, signal }, this.#options);
  }

  /** Containers of ours that the journal does not know: it was lost. Those of migrations go. */
  async findOrphans(
    known: readonly InstanceRecord[],
    signal = AbortSignal.timeout(CALL_MS),
  ): Promise<InstanceRecord[]> {
    const { engine, owner } = this.#options;
    return await containerOrphans(engine, owner, known, signal);
  }

  kill(): void {
    this.#killed.abort(new DOMException("nothing is waited for any more", "AbortError"));
  }

  portObstacle(): Promise<null> {
    return Promise.resolve(null);
  }

  portHolder(): Promise<string | null> {
    // The engine chooses a port that is free.
    return Promise.resolve(null);
  }

  async run({ key }: Instance, command: string, signal: AbortSignal): Promise<CommandEnd> {
    const instance = this.#instances.get(key);
    const replica = instance?.first ?? null;
    if (instance === undefined || replica === null) throw new Error("it has been stopped");
    const { engine } = this.#options;
    const words = ["/bin/sh", "-c", command];
    try {
      const end = await engine.containers.run(replica.containerId, { command: words }, signal);
      instance.trouble.lookedAt(null);
      return end;
    } catch (error) {
      // Who lets us wait may be the command itself.
      const isBlind = !signal.aborted && isFailure(error);
      instance.trouble.lookedAt(isBlind ? "the container engine runs no command in it" : null);
      throw error;
    }
  }

  notices(): null {
    return null;
  }

  /** Follows which instance serves. */
  observe(event: RollEvent): void {
    if (event.type !== "roll.switched" && event.type !== "instance.adopted") return;
    const instance = this.#instances.get(event.instance.key);
    instance?.commit();
    if (instance !== undefined) void this.#options.maker.serves?.(instance.identity);
  }

  /** Stops every instance that was not stopped yet, save what is to stay, or was only found. */
  async stopAll(): Promise<void> {
    this.#end.abort();
    const all = [...this.#instances.values()];
    const leaving = all.filter(({ isStopping, isCommitted, isBeingAdopted }) =>
      isStopping || !this.staysOnStop || !(isCommitted || isBeingAdopted)
    );
    await Promise.all(leaving.map((instance) => instance.stop()));
    await Promise.all(all.map((instance) => instance.leave()));
  }

  /** Looks after nobody any more; containers run on, and can be found again. */
  async leave(): Promise<void> {
    await Promise.all([...this.#instances.values()].map((instance) => instance.leave()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch[Symbol.asyncDispose]();
    this.#options.engine[Symbol.dispose]();
  }

  #group(probe: Probe): GroupProbe {
    const { healthProbeTimeoutMs, livenessThreshold } = this.#options;
    return new GroupProbe(probe, healthProbeTimeoutMs, livenessThreshold);
  }

  /** @param cut It is called off. */
  async #find(
    record: InstanceRecord,
    cut: AbortSignal,
    isUrgent: boolean,
  ): Promise<Instance | null> {
    const { engine, maker } = this.#options;
    cut.throwIfAborted();
    const signal = AbortSignal.any([cut, AbortSignal.timeout(CALL_MS)]);
    const found = await ownContainers(engine, [`${LABELS.token}=${record.token}`], signal);
    if (found.length === 0) return null;
    await maker.recognize(record.id, found, signal);
    const instance = new ContainerInstance(record, this.#crew());
    try {
      await abortable(instance.adopt(maker.places(found), { isUrgent }), cut);
      return this.#keep(instance);
    } catch (error) {
      await instance.leave();
      throw error;
    }
  }

  #keep(instance: ContainerInstance): ContainerInstance {
    const { key } = instance;
    this.#instances.set(key, instance);
    instance.gone.then(() => {
      if (!instance.isCommitted) void this.#options.maker.failed?.(instance.identity);
      if (this.#instances.get(key) === instance) this.#instances.delete(key);
    });
    return instance;
  }

  #crew(): Crew {
    const { engine, clock, date, log, maker, redact, stopTimeoutMs, minHealthyMs } = this.#options;
    return {
      engine,
      watch: this.#watch,
      clock,
      date,
      log,
      maker,
      stopTimeoutMs,
      killed: this.#killed.signal,
      strictMs: minHealthyMs,
      stop: (id) => this.#stop(id),
      isWell: (instance, replica, signal) => this.#probes.isWell(instance, replica, signal),
      isReachable: ({ endpoint }, signal) => this.#isReachable(endpoint, signal),
      tell: (news, instance) => this.onEvent(eventOf(news, instance)),
      redact,
      onLine: (line, stream, { key, id, port }) => {
        this.#options.childLog.info(line, { key, stream });
        this.#options.onLine(line, stream, { key, id, port });
      },
    };
  }

  async #isReachable(place: Endpoint | null, signal: AbortSignal): Promise<boolean> {
    const { healthProbeTimeoutMs, reach = publishedPortProbe() } = this.#options;
    const limit = AbortSignal.timeout(healthProbeTimeoutMs);
    if (place === null) return false;
    return (await reach(place, AbortSignal.any([signal, limit]))).healthy;
  }

  async #stop(containerId: string): Promise<StopOutcome> {
    const { engine, stopTimeoutMs, clock } = this.#options;
    const signal = AbortSignal.timeout(stopTimeoutMs + CALL_MS);
    const began = clock.now();
    await engine.containers.stop(containerId, stopTimeoutMs, signal);
    const info = await engine.containers.find(containerId, signal);
    const wasLate = clock.now() - began >= stopTimeoutMs;
    return wasLate && info?.end?.code === 137 ? "killed" : "stopped";
  }

  /** @returns `error`, as an outage if the engine was away meanwhile, or is. */
  async #explain(error: unknown, outagesBefore: number): Promise<unknown> {
    const outage = asOutage(error);
    if (outage !== null) return outage;
    const wasAway = this.#watch.isAway || this.#watch.outages !== outagesBefore;
    if (!wasAway && await this.#answers()) return error;
    const message = error instanceof Error ? error.message : String(error);
    return new OutageError(`${message} (the container engine was away)`, { cause: error });
  }

  async #answers(): Promise<boolean> {
    const signal = AbortSignal.any([AbortSignal.timeout(CALL_MS), this.#killed.signal]);
    const ping = this.#options.engine.ping(signal);
    return await ping.then(() => true, () => false);
  }
}
