import { type Lease, StoreError } from "../cache/store.ts";
import { type Clock, withDeadline } from "../platform/clock.ts";
import type { Turn, TurnEnd } from "../roll/turns.ts";

/** It is renewed so often within its time. */
const RENEWALS = 4;

/** What cannot be told by then is not told: liveroll may be on its way out. */
const END_MS = 5_000;

/** How a turn is kept. */
export interface LeasedTurnOptions {
  readonly clock: Clock;
  /** Of the lease. */
  readonly ttlMs: number;
  /** Says to the others how it went, while nobody else can have the turn. */
  settle(end: TurnEnd, signal: AbortSignal): Promise<void>;
}

/** The right of one host to roll now; its lease is renewed until it ends. */
export class LeasedTurn implements Turn {
  /** Null: nobody gave it, it only tells its end. */
  readonly #lease: Lease | null;
  readonly #options: LeasedTurnOptions;
  readonly #lost = new AbortController();
  readonly #ending = new AbortController();
  readonly #renewing: Promise<void>;

  constructor(lease: Lease | null, options: LeasedTurnOptions) {
    this.#lease = lease;
    this.#options = options;
    this.#renewing = lease === null ? Promise.resolve() : this.#renew(lease).catch(() => {});
  }

  /** Grows from turn to turn; 0: nobody gave it. */
  get fence(): number {
    return this.#lease?.fence ?? 0;
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  async end(end: TurnEnd): Promise<void> {
    if (this.#ending.signal.aborted) return;
    this.#ending.abort();
    await this.#renewing;
    const { signal } = new AbortController();
    await withDeadline(this.#options.clock, END_MS, signal, (signal) => this.#finish(end, signal))
      .catch(() => {});
  }

  async #finish(end: TurnEnd, signal: AbortSignal): Promise<void> {
    await this.#options.settle(end, signal).catch(() => {});
    // What cannot be given back ends by itself.
    await this.#lease?.release(signal).catch(() => {});
  }

  async #renew(lease: Lease): Promise<void> {
    const { clock, ttlMs } = this.#options;
    const { signal } = this.#ending;
    let renewedAt = clock.now();
    for (;;) {
      await clock.sleep(ttlMs / RENEWALS, signal);
      const at = clock.now();
      const isMine = await tryRenew(lease, signal);
      if (isMine) renewedAt = at;
      // With a quarter of it left, there may be no other chance to stop in time.
      const isLate = clock.now() - renewedAt >= ttlMs * (1 - 1 / RENEWALS);
      if (isMine === false || isLate) {
        return this.#lost.abort(new Error("this host's turn to roll is over"));
      }
    }
  }
}

/** Null: nobody can tell. */
async function tryRenew(lease: Lease, signal: AbortSignal): Promise<boolean | null> {
  try {
    return await lease.renew(signal);
  } catch (error) {
    if (error instanceof StoreError) return null;
    throw error;
  }
}
