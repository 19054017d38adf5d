import { type Lease, StoreError } from "../cache/store.ts";
import type { Clock } from "../platform/clock.ts";

/** It is renewed so often within its time. */
const RENEWALS = 4;

/** How a turn ended: the version is well, or is to blame, or neither can be said. */
export type TurnEnd =
  | { readonly outcome: "succeeded" | "interrupted" }
  | { readonly outcome: "failed"; readonly detail: string };

/** The right of one host to roll now; its lease is renewed until it ends. */
export class Turn {
  readonly #lease: Lease;
  readonly #lost = new AbortController();
  readonly #ending = new AbortController();
  readonly #settle: (end: TurnEnd) => Promise<void>;
  readonly #renewing: Promise<void>;

  /** @param settle Says to the others how it went, while nobody else can have the turn. */
  constructor(
    lease: Lease,
    { clock, ttlMs }: { readonly clock: Clock; readonly ttlMs: number },
    settle: (end: TurnEnd) => Promise<void>,
  ) {
    this.#lease = lease;
    this.#settle = settle;
    this.#renewing = this.#renew(clock, ttlMs).catch(() => {});
  }

  /** Grows from turn to turn. */
  get fence(): number {
    return this.#lease.fence;
  }

  /** Aborts when somebody else may roll although this turn has not ended. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** The next host may roll, or is told not to. Never rejects. */
  async end(end: TurnEnd): Promise<void> {
    if (this.#ending.signal.aborted) return;
    this.#ending.abort();
    await this.#renewing;
    await this.#settle(end).catch(() => {});
    // What cannot be given back ends by itself.
    await this.#lease.release(new AbortController().signal).catch(() => {});
  }

  async #renew(clock: Clock, ttlMs: number): Promise<void> {
    const { signal } = this.#ending;
    let renewedAt = clock.now();
    for (;;) {
      await clock.sleep(ttlMs / RENEWALS, signal);
      const at = clock.now();
      const isMine = await this.#tryRenew(signal);
      if (isMine) renewedAt = at;
      // With a quarter of it left, there may be no other chance to stop in time.
      const isLate = clock.now() - renewedAt >= ttlMs * (1 - 1 / RENEWALS);
      if (isMine === false || isLate) {
        const reason = new Error("Cannot go on: this host's turn to roll is over");
        return this.#lost.abort(reason);
      }
    }
  }

  /** Null: nobody can tell. */
  async #tryRenew(signal: AbortSignal): Promise<boolean | null> {
    try {
      return await this.#lease.renew(signal);
    } catch (error) {
      if (error instanceof StoreError) return null;
      throw error;
    }
  }
}
