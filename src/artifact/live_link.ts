import type { Clock } from "../platform/clock.ts";
import type { Release, ReleaseStore } from "./release_store.ts";

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;

/** What a {@linkcode LiveLink} needs. */
export interface LiveLinkOptions {
  readonly store: Pick<ReleaseStore, "makeCurrent">;
  readonly clock: Clock;
  /** Told once of each release; must not throw. */
  onTrouble(release: Release, error: unknown): void;
  /** `current` leads to a release; must not throw. */
  onDone(release: Release, wasLate: boolean): void;
}

/** Lets `current` lead to what serves: at once, or as soon as the disk takes it. */
export class LiveLink {
  readonly #options: LiveLinkOptions;
  #trying = new AbortController();

  constructor(options: LiveLinkOptions) {
    this.#options = options;
  }

  /** Begins in this step; whatever was wanted before is not wanted any more. */
  follow(release: Release): void {
    this.stop();
    const error = this.#set(release, false);
    if (error === null) return;
    this.#options.onTrouble(release, error.cause);
    this.#trying = new AbortController();
    this.#keepTrying(release, this.#trying.signal);
  }

  /** Tries no more. */
  stop(): void {
    this.#trying.abort();
  }

  async #keepTrying(release: Release, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    for (let pauseMs = FIRST_PAUSE_MS;; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      const goesOn = await clock.sleep(pauseMs, signal).then(() => true, () => false);
      if (!goesOn || this.#set(release, true) === null) return;
    }
  }

  /** Why it could not be done; null: it is. */
  #set(release: Release, isLate: boolean): { cause: unknown } | null {
    try {
      this.#options.store.makeCurrent(release);
    } catch (cause) {
      return { cause };
    }
    this.#options.onDone(release, isLate);
    return null;
  }
}
