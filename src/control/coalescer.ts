import type { Clock } from "../platform/clock.ts";

/** Does something soon after it was asked to, but not too often, and never not at all. */
export class Coalescer {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #signal: AbortSignal;
  readonly #work: () => void;
  #lastAt = -Infinity;
  #isDue = false;

  /** Nothing is done any more when `signal` aborts. */
  constructor(
    work: () => void,
    options: { clock: Clock; intervalMs: number; signal: AbortSignal },
  ) {
    this.#work = work;
    this.#clock = options.clock;
    this.#intervalMs = options.intervalMs;
    this.#signal = options.signal;
  }

  /** Asks for it once more. */
  request(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    this.#wait().then(() => this.#run(), () => {});
  }

  /** Not at once either: what happens in one go is told once, when it is complete. */
  #wait(): Promise<void> {
    const ms = this.#lastAt + this.#intervalMs - this.#clock.now();
    return ms > 0 ? this.#clock.sleep(ms, this.#signal) : Promise.resolve();
  }

  #run(): void {
    this.#isDue = false;
    if (this.#signal.aborted) return;
    this.#lastAt = this.#clock.now();
    this.#work();
  }
}
