import type { Log } from "../../platform/log.ts";

/** Work that nobody waits for, as long as it goes on. */
export class Chores {
  readonly #what: string;
  readonly #log: Log;
  readonly #signal: AbortSignal;
  readonly #under = new Set<Promise<void>>();

  /**
   * @param what Whom it is for; told with what goes wrong.
   * @param signal It is being called off: what goes wrong from then on is no news.
   */
  constructor(what: string, log: Log, signal: AbortSignal) {
    this.#what = what;
    this.#log = log;
    this.#signal = signal;
  }

  add(work: Promise<unknown>): void {
    const guarded = work.then(() => {}, (error) => {
      if (this.#signal.aborted) return;
      const message = error instanceof Error ? error.message : String(error);
      this.#log.debug(`Beside ${this.#what}: ${message}`);
    });
    this.#under.add(guarded);
    guarded.finally(() => this.#under.delete(guarded));
  }

  /** Resolves when nothing is under way any more. */
  async idle(): Promise<void> {
    while (this.#under.size > 0) await Promise.all(this.#under);
  }
}
