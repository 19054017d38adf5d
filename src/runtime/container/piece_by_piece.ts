import type { Exchange, ExchangeNotes } from "../../roll/effects.ts";
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

  async run(
    candidate: Instance,
    current: Instance,
    notes: ExchangeNotes,
    signal: AbortSignal,
  ): Promise<string | null> {
    // Both were started by the runtime that we belong to.
    const [fresh, old] = [candidate as Group, current as Group];
    this.#options.traffic.share([fresh, old]);
    try {
      await this.#exchange(fresh, old, notes, signal);
      return null;
    } catch (error) {
      const isBack = await this.#goBack(fresh, old, notes);
      signal.throwIfAborted();
      // Who serves alone stays: what it lacks is made later, and it is watched.
      if (!isBack && fresh.exit === null) return null;
      return error instanceof Error ? error.message : String(error);
    }
  }

  async #exchange(
    fresh: Group,
    old: Group,
    notes: ExchangeNotes,
    signal: AbortSignal,
  ): Promise<void> {
    const { replicas, maxSurge, maxUnavailable, healthTimeoutMs } = this.#options;
    while (fresh.count < replicas) {
      const spare = fresh.count + alive(old) - (replicas - maxUnavailable);
      const stay = alive(old) - Math.min(Math.max(spare, 0), alive(old));
      if (fresh.count > stay) await notes.forth();
      await this.#shrink(old, stay, signal);
      signal.throwIfAborted();
      const room = replicas + maxSurge - fresh.count - alive(old);
      await fresh.grow(Math.min(fresh.count + room, replicas), healthTimeoutMs, signal);
      signal.throwIfAborted();
      if (fresh.exit !== null) throw new Error("it ended meanwhile");
    }
    // Noted here at the latest: what fails here goes back in order.
    await notes.forth();
    signal.throwIfAborted();
  }

  /** One that has ended by itself is cleared away by others. */
  async #shrink(old: Group, count: number, signal: AbortSignal): Promise<void> {
    const { traffic, drainTimeoutMs } = this.#options;
    if (old.exit !== null) return;
    await old.shrink(count, (key) => traffic.drainEndpoint(key, drainTimeoutMs, signal));
  }

  /**
   * What was taken from the old one comes back beside; it has all traffic at once.
   *
   * @returns Whether there was a way back.
   */
  async #goBack(fresh: Group, old: Group, notes: ExchangeNotes): Promise<boolean> {
    const { traffic, replicas, healthTimeoutMs, drainTimeoutMs } = this.#options;
    const never = new AbortController().signal;
    if (old.exit !== null) return false;
    const back = old.grow(replicas, healthTimeoutMs, never).catch(() => {});
    if (old.count === 0) await back;
    if (old.exit !== null || old.endpoints?.now.length === 0) return false;
    traffic.switchTo(old);
    await notes.back();
    await traffic.drain(fresh, drainTimeoutMs, never);
    return true;
  }
}

/** Copies that serve, or are to come back. */
function alive(group: Group): number {
  return group.exit === null ? group.count : 0;
}
