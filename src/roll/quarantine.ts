import { backoffMs, type BackoffOptions } from "./backoff.ts";

/** While another version serves, a refused one may wait: nobody misses it. */
const WHILE_SERVING: BackoffOptions = { baseMs: 30_000, maxMs: 3_600_000 };

/** While nothing serves, the same version is the best hope there is (its database may be booting). */
const WHILE_DOWN: BackoffOptions = { baseMs: 1_000, maxMs: 30_000 };

/** Refused versions remembered at most; the oldest is forgotten first. */
const MAX_ENTRIES = 100;

/** A version that failed, and when it may be tried again. */
export interface QuarantineEntry {
  id: string;
  failures: number;
  /** Monotonic time. */
  retryAt: number;
}

/** Versions that failed the gate; not tried again until a growing back-off ends or they are released. */
export class Quarantine {
  readonly #entries = new Map<string, QuarantineEntry>();

  /** Records one more failure of `id`. */
  add(id: string, now: number, serving: boolean): QuarantineEntry {
    const failures = (this.#entries.get(id)?.failures ?? 0) + 1;
    const waitMs = backoffMs(failures, serving ? WHILE_SERVING : WHILE_DOWN);
    const entry = { id, failures, retryAt: now + waitMs };
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

  /** Forgets the failures of `id`: it proved good, or a person wants it tried. */
  release(id: string): void {
    this.#entries.delete(id);
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
