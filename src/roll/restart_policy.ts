import { backoffMs, type BackoffOptions } from "./backoff.ts";

/** An instance that served this long was well: the next crash is the first of a new series. */
const STABLE_MS = 60_000;

/** Crashes in a row from which on it is called a crash loop. */
const CRASH_LOOP_AFTER = 5;

/** Waits after the second and later crashes in a row; after the first there is none. */
const BACKOFF: BackoffOptions = { baseMs: 500, maxMs: 30_000 };

/** When to start again what has crashed. */
export interface Restart {
  /** Crashes in a row, this one included. */
  crashes: number;
  waitMs: number;
  crashLoop: boolean;
}

/** Restarts with exponential back-off; the first restart is immediate. */
export class RestartPolicy {
  #crashes = 0;

  /** One more crash, of an instance that had served for `servedMs`. */
  crashed(servedMs: number): Restart {
    this.#crashes = servedMs >= STABLE_MS ? 1 : this.#crashes + 1;
    return {
      crashes: this.#crashes,
      waitMs: this.#crashes === 1 ? 0 : backoffMs(this.#crashes - 1, BACKOFF),
      crashLoop: this.#crashes >= CRASH_LOOP_AFTER,
    };
  }

  /** Another version serves now: the old series is over. */
  reset(): void {
    this.#crashes = 0;
  }
}
