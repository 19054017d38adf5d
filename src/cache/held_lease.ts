import { type Clock, withDeadline } from "../platform/clock.ts";
import { type Lease, StoreError } from "./store.ts";

/** It is renewed so often within its time. */
const RENEWALS = 4;

/** Giving it back keeps nobody waiting for longer; what is not given back ends by itself. */
const RELEASE_MS = 1_000;

/** A lease that is renewed until it is given back, or lost. */
export class HeldLease implements AsyncDisposable {
  readonly #lease: Lease;
  readonly #clock: Clock;
  readonly #ending = new AbortController();
  readonly #renewing: Promise<void>;

  constructor(lease: Lease, { clock, ttlMs }: { readonly clock: Clock; readonly ttlMs: number }) {
    this.#lease = lease;
    this.#clock = clock;
    this.#renewing = this.#renew(ttlMs).catch(() => {});
  }

  /** Never rejects. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    const { signal } = new AbortController();
    await withDeadline(this.#clock, RELEASE_MS, signal, async (signal) => {
      await this.#renewing;
      await this.#lease.release(signal).catch(() => {});
    });
  }

  async #renew(ttlMs: number): Promise<void> {
    const { signal } = this.#ending;
    for (let isMine = true; isMine;) {
      await this.#clock.sleep(ttlMs / RENEWALS, signal);
      isMine = await this.#tryRenew(signal);
    }
  }

  async #tryRenew(signal: AbortSignal): Promise<boolean> {
    try {
      return await this.#lease.renew(signal);
    } catch (error) {
      // Nobody can tell; the next time, perhaps.
      if (error instanceof StoreError) return true;
      throw error;
    }
  }
}
