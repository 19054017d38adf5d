import { type Lease, type Store, StoreError } from "../cache/store.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { TurnAnswer, TurnEnd, Turns, TurnWish } from "../roll/turns.ts";
import { type FailureMark, isInForce, readMark, writeForgiven, writeMark } from "./failure_mark.ts";
import { fleetKey } from "./fleet_key.ts";
import { LeasedTurn } from "./turn.ts";

/** A host that died gives way after this time. */
export const DEFAULT_LEASE_MS = 60_000;

/** Who waits for a turn looks so often. */
const LOOK_MS = 1_000;

/** What one fleet is, and who takes part. */
export interface FleetOptions {
  readonly store: Store;
  /** Of the application: hosts with the same name are one fleet. */
  readonly name: string;
  /** So many hosts may roll at the same time. */
  readonly maxUnavailable: number;
  /** This one, for people, and to tell it from others. */
  readonly host: string;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  date(): number;
  readonly log: Log;
  /** A host that died gives way after this time. */
  readonly leaseMs: number;
}

/** Hosts that roll one after another, and stop when a version fails on one of them. */
export class Fleet implements Turns {
  readonly #options: FleetOptions;
  readonly #key: string;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#key = fleetKey(options.name);
  }

  /** @throws {StoreError} When nobody can tell, and it is not urgent. */
  async take(wish: TurnWish, signal: AbortSignal): Promise<TurnAnswer> {
    try {
      return await this.#take(wish, signal);
    } catch (error) {
      if (!wish.isUrgent || !(error instanceof StoreError)) throw error;
      this.#options.log.warn(`Nothing serves, no turn is waited for: ${error.message}`);
      return { outcome: "granted", turn: this.without(wish.version) };
    }
  }

  without(version: string): LeasedTurn {
    return this.#turn(null, version);
  }

  /** The version that the fleet has stopped at; null: none. @throws {StoreError} */
  async failure(signal: AbortSignal): Promise<FailureMark | null> {
    return (await this.#lookAtMark(signal))?.mark ?? null;
  }

  /**
   * Whatever has failed may be tried again by everybody.
   *
   * @param version Only if it is this one that has failed; null: whichever it is.
   * @throws {StoreError}
   */
  async forgive(version: string | null, signal: AbortSignal): Promise<void> {
    const { store, date, host } = this.#options;
    const found = await this.#lookAtMark(signal);
    if (found === null || (version !== null && found.mark.version !== version)) return;
    // Written over, since not everybody who may write may remove; but not over what failed since.
    const forgiven = writeForgiven({ version: found.mark.version, host, at: date() });
    await store.putIf(this.#markKey, forgiven, found.seen, signal);
  }

  /** The mark that counts, and which one it is in the store; null: there is none. */
  async #lookAtMark(signal: AbortSignal): Promise<{ mark: FailureMark; seen: string } | null> {
    const { store, date } = this.#options;
    const found = await store.look(this.#markKey, signal);
    const mark = found === null ? null : readMark(found.bytes);
    if (found === null || mark === null || !isInForce(mark, date())) return null;
    return { mark, seen: found.version };
  }

  get #markKey(): string {
    return `${this.#key}/failed`;
  }

  async #take(wish: TurnWish, signal: AbortSignal): Promise<TurnAnswer> {
    for (let told = "";;) {
      const stop = await this.#stopFor(wish, signal);
      if (stop !== null) return stop;
      const lease = await this.#takeAny(signal);
      if (lease !== null) return await this.#begin(lease, wish, signal);
      if (wish.isUrgent) return { outcome: "granted", turn: this.without(wish.version) };
      const detail = await this.#whoRolls(signal);
      if (detail !== told) wish.onWaiting(detail);
      told = detail;
      await this.#options.clock.sleep(LOOK_MS, signal);
    }
  }

  /** Where it failed itself, a host waits for its own reasons. */
  async #stopFor({ version, isOrdered }: TurnWish, signal: AbortSignal) {
    const mark = await this.failure(signal);
    const isMine = mark?.host === this.#options.host;
    if (mark === null || mark.version !== version || isMine || isOrdered) return null;
    const at = new Date(mark.at).toISOString();
    const detail = `the fleet has stopped: it failed on ${mark.host} at ${at}: ${mark.detail}`;
    return { outcome: "stopped", detail } as const;
  }

  async #takeAny(signal: AbortSignal): Promise<Lease | null> {
    const { store, host: holder, maxUnavailable, leaseMs: ttlMs } = this.#options;
    for (let slot = 0; slot < maxUnavailable; slot++) {
      const lease = await store.lease(this.#slot(slot), { holder, ttlMs, signal });
      if (lease === null) continue;
      // For people; a lease does not tell who has it.
      const name = new TextEncoder().encode(holder);
      await store.put(`${this.#slot(slot)}-host`, name, signal).catch(() => {});
      return lease;
    }
    return null;
  }

  /** Who had the turns last has them, when all are taken. */
  async #whoRolls(signal: AbortSignal): Promise<string> {
    const { store, maxUnavailable } = this.#options;
    const hosts = new Set<string>();
    for (let slot = 0; slot < maxUnavailable; slot++) {
      const name = await store.get(`${this.#slot(slot)}-host`, signal);
      if (name !== null) hosts.add(new TextDecoder().decode(name));
    }
    const names = hosts.size === 0 ? ["another host"] : [...hosts].sort();
    return `${names.join(" and ")} ${names.length === 1 ? "rolls" : "roll"}`;
  }

  #slot(slot: number): string {
    return `${this.#key}/turn-${slot}`;
  }

  async #begin(lease: Lease, wish: TurnWish, signal: AbortSignal): Promise<TurnAnswer> {
    const turn = this.#turn(lease, wish.version);
    try {
      // Whoever had the turn before may have failed just now.
      const stop = await this.#stopFor(wish, signal);
      if (stop === null) return { outcome: "granted", turn };
      await turn.end({ outcome: "interrupted" });
      return stop;
    } catch (error) {
      await turn.end({ outcome: "interrupted" });
      throw error;
    }
  }

  #turn(lease: Lease | null, version: string): LeasedTurn {
    const { clock, leaseMs: ttlMs } = this.#options;
    const settle = (end: TurnEnd, signal: AbortSignal) => this.#settle(version, end, signal);
    return new LeasedTurn(lease, { clock, ttlMs, settle });
  }

  async #settle(version: string, end: TurnEnd, signal: AbortSignal): Promise<void> {
    const { store, host, date, log } = this.#options;
    try {
      if (end.outcome === "failed") {
        const mark = { version, host, at: date(), detail: end.detail };
        await store.put(this.#markKey, writeMark(mark), signal);
      } else if (end.outcome === "succeeded") {
        await this.forgive(version, signal);
      }
    } catch (error) {
      log.warn(`Other hosts are not told how ${version} went here: ${text(error)}`);
    }
  }
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
