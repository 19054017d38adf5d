import { backoffMs, type BackoffOptions } from "./backoff.ts";

/** While another version serves, or is being brought back, a refused one may wait. */
const WHILE_SERVING: BackoffOptions = { baseMs: 30_000, maxMs: 3_600_000 };

/** While nothing has ever served, the same version is the best hope there is (its database may be booting). */
const WHILE_DOWN: BackoffOptions = { baseMs: 1_000, maxMs: 30_000 };

/** It has cost requests once: nobody wants to see that again and again. */
const AFTER_ROLLBACK: BackoffOptions = { baseMs: 3_600_000, maxMs: 24 * 3_600_000 };

/** It could not even be tried; whatever was in the way may be gone soon. */
const NOT_TO_BLAME: BackoffOptions = { baseMs: 10_000, maxMs: 300_000 };

/** How dear it is to try a version again. */
export type Price = "while_serving" | "while_down" | "after_rollback" | "not_to_blame";

const WAITS: Record<Price, BackoffOptions> = {
  while_serving: WHILE_SERVING,
  while_down: WHILE_DOWN,
  after_rollback: AFTER_ROLLBACK,
  not_to_blame: NOT_TO_BLAME,
};

/** Refused versions remembered at most; the oldest is forgotten first. */
const MAX_ENTRIES = 100;

/** A version that failed, and when it may be tried again. */
export interface QuarantineEntry {
  id: string;
  failures: number;
  /** Monotonic time. */
  retryAt: number;
  /** Why it failed last. */
  detail: string;
}

/** Versions that failed the gate; not tried again until a growing back-off ends or they are released. */
export class Quarantine {
  readonly #entries = new Map<string, QuarantineEntry>();

  /** Takes an entry of a former life. A clock that was changed must not lock a version away. */
  restore(entry: QuarantineEntry, now: number): void {
    const retryAt = Math.min(entry.retryAt, now + AFTER_ROLLBACK.maxMs);
    this.#entries.set(entry.id, { ...entry, retryAt });
    this.#forgetOldest();
  }

  /** Records one more failure of `id`. */
  add(id: string, now: number, price: Price, detail: string): QuarantineEntry {
    const failures = (this.#entries.get(id)?.failures ?? 0) + 1;
    const waitMs = backoffMs(failures, WAITS[price]);
    const entry = { id, failures, retryAt: now + waitMs, detail };
    this.#entries.delete(id);
    this.#entries.set(id, entry);
    this.#forgetOldest();
    return entry;
  }

  /** The entry that forbids trying `id` now, or null when it may be tried. */
  blocks(id: string, now: number): QuarantineEntry | null {
    const entry = this.#entries.get(id);
    return entry !== undefined && now < entry.retryAt ? entry : null;
  }

  /**
   * Forgets the failures of `id`: it proved good, or a person wants it tried.
   *
   * @returns Whether there were any.
   */
  release(id: string): boolean {
    return this.#entries.delete(id);
  }

  /** Nothing serves, and nothing better is left: whatever waits may be tried in `waitMs`. */
  ease(now: number, waitMs: number): void {
    for (const entry of this.#entries.values()) {
      entry.retryAt = Math.min(entry.retryAt, now + waitMs);
    }
  }

  /** Everything in quarantine, oldest first. */
  list(): readonly QuarantineEntry[] {
    return [...this.#entries.values()];
  }

  #forgetOldest(): void {
    if (this.#entries.size <= MAX_ENTRIES) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      return;
    }
  }
}
