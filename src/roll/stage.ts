import { abortable } from "@std/async/abortable";
import type { Effects, Instance } from "./effects.ts";
import type { InstanceRef } from "./events.ts";

/** What an instance is to the application; one that is gone is not on the stage any more. */
export const ROLES = ["candidate", "current", "draining"] as const;
export type Role = (typeof ROLES)[number];

/** A port to start on, or who sits on the ones that should be free. */
export type PortChoice = { port: number } | { port: null; busy: number; holder: string };

/** How instances leave. */
export interface StageOptions {
  childPorts: readonly number[];
  drainTimeoutMs: number;
}

/** Names an instance in an event. */
export function refer({ key, id, port, pid }: Instance): InstanceRef {
  return { key, id, port, pid };
}

/**
 * Who is what: at most one current instance, candidates beside it, and those on their way out. All
 * changes of role happen here, each in one synchronous step, so that nobody ever sees half of one.
 */
export class Stage {
  readonly #effects: Pick<Effects, "clock" | "runtime" | "traffic" | "observe">;
  readonly #options: StageOptions;
  readonly #roles = new Map<Instance, Role>();
  readonly #departures = new Map<Instance, Promise<void>>();
  readonly #portsInUse = new Set<number>();
  readonly #drainCut = new AbortController();
  #portFreed = Promise.withResolvers<void>();
  #isKilled = false;

  constructor(
    effects: Pick<Effects, "clock" | "runtime" | "traffic" | "observe">,
    options: StageOptions,
  ) {
    this.#effects = effects;
    this.#options = options;
  }

  /** The instance that serves. */
  get current(): Instance | null {
    for (const [instance, role] of this.#roles) if (role === "current") return instance;
    return null;
  }

  /** Everybody on the stage, with what they are. */
  list(): ReadonlyMap<Instance, Role> {
    return this.#roles;
  }

  /**
   * Reserves a port that is neither used by an instance of ours nor by anybody else; the first one
   * in order of preference. Waits for one of ours to leave if need be, so also when the other port
   * is in the hands of a stranger.
   *
   * @throws The reason of `signal`, when it aborts.
   */
  async takePort(signal: AbortSignal): Promise<PortChoice> {
    for (;;) {
      signal.throwIfAborted();
      // Before the look, or a port that is freed right after it would be missed.
      const freed = this.#portFreed.promise;
      const choice = await this.#tryPorts(signal);
      const mayGetBetter = choice === null || choice.port === null && this.#departures.size > 0;
      if (!mayGetBetter) return choice;
      await abortable(freed, signal);
    }
  }

  /** Gives back a port that no instance came to use. */
  releasePort(port: number): void {
    this.#portsInUse.delete(port);
    this.#portFreed.resolve();
    this.#portFreed = Promise.withResolvers();
  }

  /** A started instance enters; it owns the port it was given. */
  admit(instance: Instance): void {
    this.#roles.set(instance, "candidate");
    if (this.#isKilled) instance.kill();
  }

  /** The candidate takes all traffic from here on; whoever served before begins to leave. */
  promote(candidate: Instance): void {
    const previous = this.current;
    this.#effects.traffic.switchTo(candidate);
    this.#roles.set(candidate, "current");
    if (previous !== null) this.#depart(previous, { drain: true });
  }

  /** A candidate was refused, or its roll was called off; it never had traffic to drain. */
  dismiss(candidate: Instance): void {
    this.#depart(candidate, { drain: false });
  }

  /** The current instance has ended by itself: no traffic to it, and its remains are cleared away. */
  bury(instance: Instance): void {
    this.#effects.traffic.withdraw(instance);
    this.#depart(instance, { drain: false });
  }

  /**
   * Takes the current instance out of service and resolves when it has left, and everybody else
   * who was on the way out: a refused candidate may take its time to end, too.
   */
  async vacate(): Promise<void> {
    const current = this.current;
    if (current !== null) {
      this.#effects.traffic.withdraw(current);
      this.#depart(current, { drain: true });
    }
    await Promise.all(this.#departures.values());
  }

  /** Everybody leaves, without a drain; resolves when nobody is left. */
  async clear(): Promise<void> {
    for (const [instance, role] of this.#roles) {
      if (role !== "draining") this.#depart(instance, { drain: false });
    }
    this.#drainCut.abort();
    await Promise.all(this.#departures.values());
  }

  /** Kills everybody at once, and whoever enters later: the operator has asked twice. */
  kill(): void {
    this.#isKilled = true;
    this.#drainCut.abort();
    for (const instance of this.#roles.keys()) instance.kill();
  }

  async #tryPorts(signal: AbortSignal): Promise<PortChoice | null> {
    let taken: PortChoice | null = null;
    for (const port of this.#options.childPorts) {
      if (this.#portsInUse.has(port)) continue;
      this.#portsInUse.add(port);
      const holder = await this.#effects.runtime.portHolder(port);
      if (holder === null && !signal.aborted) return { port };
      if (signal.aborted) this.releasePort(port);
      signal.throwIfAborted();
      // Not freed for anybody: telling those who wait would send them, and us, round in circles.
      this.#portsInUse.delete(port);
      taken = { port: null, busy: port, holder: holder ?? "" };
    }
    return taken;
  }

  #depart(instance: Instance, how: { drain: boolean }): Promise<void> {
    const known = this.#departures.get(instance);
    if (known !== undefined) return known;
    this.#roles.set(instance, "draining");
    const departure = this.#leave(instance, how).finally(() => {
      this.#roles.delete(instance);
      this.#departures.delete(instance);
      this.releasePort(instance.port);
    });
    this.#departures.set(instance, departure);
    return departure;
  }

  async #leave(instance: Instance, { drain }: { drain: boolean }): Promise<void> {
    const { clock, traffic, observe } = this.#effects;
    const ref = refer(instance);
    if (drain) {
      const began = clock.now();
      const limitMs = this.#options.drainTimeoutMs;
      const report = await traffic.drain(instance, limitMs, this.#drainCut.signal);
      observe({ type: "drained", instance: ref, ...report, durationMs: clock.now() - began });
    }
    const began = clock.now();
    const outcome = await instance.stop();
    const durationMs = clock.now() - began;
    observe({ type: "instance.stopped", instance: ref, outcome, durationMs });
  }
}
