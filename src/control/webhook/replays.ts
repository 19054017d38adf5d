/** Longer than any signature is valid, and than senders repeat themselves. */
const REMEMBERED_MS = 60 * 60_000;

/** The oldest are forgotten first; only who knows the secret can add to them. */
const MAX_REMEMBERED = 4096;

/** What was delivered in the last hour. */
export class Replays {
  readonly #date: () => number;
  /** When each was taken, in that order. */
  readonly #taken = new Map<string, number>();

  constructor(date: () => number) {
    this.#date = date;
  }

  /** Remembers all of `keys`, unless one is known already; then the answer is false. */
  take(keys: readonly string[]): boolean {
    this.#prune();
    if (keys.some((key) => this.#taken.has(key))) return false;
    for (const key of keys) this.#taken.set(key, this.#date());
    return true;
  }

  /** Takes `keys` back. */
  forget(keys: readonly string[]): void {
    for (const key of keys) this.#taken.delete(key);
  }

  #prune(): void {
    const since = this.#date() - REMEMBERED_MS;
    for (const [key, at] of this.#taken) {
      if (at >= since && this.#taken.size < MAX_REMEMBERED) return;
      this.#taken.delete(key);
    }
  }
}
