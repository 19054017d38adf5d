import type { Clock } from "../platform/clock.ts";

/** Wakes a loop at a time or at a call, whichever comes first; no call is ever missed. */
export class Alarm {
  readonly #clock: Clock;
  #rung = Promise.withResolvers<void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Wakes whoever waits, or the next one to wait. */
  ring(): void {
    this.#rung.resolve();
  }

  /** Resolves at `time` (monotonic, maybe never), or at once if it rang since the last wait. */
  async wait(time: number): Promise<void> {
    const timer = new AbortController();
    const waits = [this.#rung.promise];
    if (time !== Infinity) {
      waits.push(this.#clock.sleep(time - this.#clock.now(), timer.signal).catch(() => {}));
    }
    await Promise.race(waits);
    timer.abort();
    this.#rung = Promise.withResolvers();
  }
}
