import { type Lease, type Store, StoreError } from "../cache/store.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import { type FailureMark, readMark, writeMark } from "./failure_mark.ts";
import { Turn, type TurnEnd } from "./turn.ts";

/** A host that died gives way after this time. */
const LEASE_MS = 60_000;

/** Who waits for a turn looks so often. */
const LOOK_MS = 1_000;

/** What one fleet is, and who takes part. */
export interface FleetOptions {
  readonly store: Store;
  /** Of the application: hosts with the same name are one fleet. */
  readonly name: string;
  /** So many hosts may roll at the same time. */
  readonly maxUnavailable: number;
  /** This one, for people. */
  readonly host: string;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  date(): number;
  readonly log: Log;
  /** @default {60000} */
  readonly leaseMs?: number;
}

/** What a host wants to roll to. */
export interface TurnWish {
  readonly version: string;
  /** A person wants it: it is tried although it failed elsewhere. */
  readonly isOrdered: boolean;
  readonly signal: AbortSignal;
}

/** Whether a host may roll; `stopped`: the version has failed on another one. */
export type TurnAnswer =
  | { readonly outcome: "granted"; readonly turn: Turn }
  | { readonly outcome: "stopped"; readonly detail: string };

/** Hosts that roll one after another, and stop when a version fails on one of them. */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #key: string;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#key = `fleet/${encodeURIComponent(options.name).replace(/[!'()*~]/g, "_")}`;
  }

  /**
   * Waits until this host may roll.
   *
   * @throws {StoreError} When nobody can tell.
   * @throws The reason of `signal`, when it aborts.
   */
  async turn(wish: TurnWish): Promise<TurnAnswer> {
    const { clock, log } = this.#options;
    for (let looks = 0;; looks++) {
      const stop = await this.#stopFor(wish);
      if (stop !== null) return stop;
      const lease = await this.#takeAny(wish.signal);
      if (lease !== null) return await this.#begin(lease, wish);
      if (looks === 0) log.info(`Waiting for other hosts to roll before ${wish.version} is`);
      await clock.sleep(LOOK_MS, wish.signal);
    }
  }

  /** The version that the fleet has stopped at; null: none. @throws {StoreError} */
  async failure(signal: AbortSignal): Promise<FailureMark | null> {
    const bytes = await this.#options.store.get(this.#markKey, signal);
    return bytes === null ? null : readMark(bytes);
  }

  /** The version may be tried again by everybody. @throws {StoreError} */
  async forgive(signal: AbortSignal): Promise<void> {
    await this.#options.store.delete(this.#markKey, signal);
  }

  get #markKey(): string {
    return `${this.#key}/failed`;
  }

  get #leaseMs(): number {
    return this.#options.leaseMs ?? LEASE_MS;
  }

  async #stopFor({ version, isOrdered, signal }: TurnWish): Promise<TurnAnswer | null> {
    const mark = await this.failure(signal);
    if (mark === null || mark.version !== version || isOrdered) return null;
    const at = new Date(mark.at).toISOString();
    const detail = `${version} failed on ${mark.host} at ${at}: ${mark.detail}`;
    return { outcome: "stopped", detail };
  }

  async #takeAny(signal: AbortSignal): Promise<Lease | null> {
    const { store, host: holder, maxUnavailable } = this.#options;
    for (let slot = 0; slot < maxUnavailable; slot++) {
      const options = { holder, ttlMs: this.#leaseMs, signal };
      const lease = await store.lease(`${this.#key}/turn-${slot}`, options);
      if (lease !== null) return lease;
    }
    return null;
  }

  async #begin(lease: Lease, wish: TurnWish): Promise<TurnAnswer> {
    const options = { clock: this.#options.clock, ttlMs: this.#leaseMs };
    const turn = new Turn(lease, options, (end) => this.#settle(wish.version, end));
    try {
      // Whoever had the turn before may have failed just now.
      const stop = await this.#stopFor(wish);
      if (stop === null) return { outcome: "granted", turn };
      await turn.end({ outcome: "interrupted" });
      return stop;
    } catch (error) {
      await turn.end({ outcome: "interrupted" });
      throw error;
    }
  }

  async #settle(version: string, end: TurnEnd): Promise<void> {
    const { store, host, date, log } = this.#options;
    const { signal } = new AbortController();
    try {
      if (end.outcome === "failed") {
        const mark = { version, host, at: date(), detail: end.detail };
        await store.put(this.#markKey, writeMark(mark), signal);
      } else if (end.outcome === "succeeded") {
        if ((await this.failure(signal))?.version === version) await this.forgive(signal);
      }
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      log.warn(`Other hosts are not told how ${version} went here: ${error.message}`);
    }
  }
}
