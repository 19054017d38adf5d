import type { Exchange } from "../../roll/effects.ts";
import type { Instance } from "../../roll/instance.ts";

/** An instance made of several copies. */
export interface Group extends Instance {
  readonly count: number;
  grow(count: number, timeoutMs: number, signal: AbortSignal): Promise<void>;
  shrink(count: number, drain: (key: string) => Promise<unknown>): Promise<void>;
}

/** The traffic of two instances at once. */
export interface SharedTraffic {
  share(instances: readonly Instance[]): void;
  switchTo(instance: Instance): void;
  drain(instance: Instance, timeoutMs: number, signal: AbortSignal): Promise<unknown>;
  drainEndpoint(key: string, timeoutMs: number, signal: AbortSignal): Promise<unknown>;
}

/** How many copies there may be, and must be, meanwhile. */
export interface ExchangeOptions {
  readonly traffic: SharedTraffic;
  /** Copies of a whole instance. */
  readonly replicas: number;
  /** So many more may run; at least 1. */
  readonly maxSurge: number;
  /** So many may be missing. */
  readonly maxUnavailable: number;
  /** Time for new copies to be healthy. */
  readonly healthTimeoutMs: number;
  readonly drainTimeoutMs: number;
}

/** Exchanges copies a few at a time: never more than so many too many, never too few that serve. */
export class PieceByPiece implements Exchange {
  readonly #options: ExchangeOptions;

  constructor(options: ExchangeOptions) {
    this.#options = options;
  }

  async run(candidate: Instance, current: Instance, signal: AbortSignal): Promise<string | null> {
    // Both were started by the runtime that we belong to.
    const [fresh, old] = [candidate as Group, current as Group];
    const { traffic } = this.#options;
    traffic.share([fresh, old]);
    try {
      await this.#exchange(fresh, old, signal);
      return null;
    } catch (error) {
      await this.#goBack(fresh, old);
      signal.throwIfAborted();
      return error instanceof Error ? error.message : String(error);
    }
  }

  async #exchange(fresh: Group, old: Group, signal: AbortSignal): Promise<void> {
    const { traffic, replicas, maxSurge, maxUnavailable, healthTimeoutMs, drainTimeoutMs } =
      this.#options;
    const drain = (key: string) => traffic.drainEndpoint(key, drainTimeoutMs, signal);
    while (fresh.count < replicas) {
      const spare = fresh.count + old.count - (replicas - maxUnavailable);
      await old.shrink(old.count - Math.min(Math.max(spare, 0), old.count), drain);
      signal.throwIfAborted();
      const room = replicas + maxSurge - fresh.count - old.count;
      await fresh.grow(Math.min(fresh.count + room, replicas), healthTimeoutMs, signal);
      signal.throwIfAborted();
      if (old.exit !== null) throw new Error("the version that served has ended meanwhile");
      if (fresh.exit !== null) throw new Error("it ended meanwhile");
    }
  }

  /** What was taken from the old one comes back beside; it has all traffic at once. */
  async #goBack(fresh: Group, old: Group): Promise<void> {
    const { traffic, replicas, healthTimeoutMs, drainTimeoutMs } = this.#options;
    const never = new AbortController().signal;
    if (old.exit !== null) return;
    const back = old.grow(replicas, healthTimeoutMs, never).catch(() => {});
    if (old.count === 0) await back;
    traffic.switchTo(old);
    await traffic.drain(fresh, drainTimeoutMs, never);
  }
}
