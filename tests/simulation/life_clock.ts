import type { Clock } from "../../src/platform/clock.ts";
import type { Fate } from "./fate.ts";
import type { SimClock } from "./sim_clock.ts";

/** Time as one life knows it: it begins at zero, and stands still once that life is over. */
export class LifeClock implements Clock {
  readonly #clock: SimClock;
  readonly #fate: Fate;
  readonly #began: number;
  #last = 0;

  constructor(clock: SimClock, fate: Fate) {
    this.#clock = clock;
    this.#fate = fate;
    this.#began = clock.now();
  }

  now(): number {
    if (!this.#fate.isDead) this.#last = this.#clock.now() - this.#began;
    return this.#last;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const timer = this.#clock.after(ms, () => {
        signal?.removeEventListener("abort", onAbort);
        if (!this.#fate.isDead) resolve();
      });
      const onAbort = () => {
        this.#clock.cancel(timer);
        if (!this.#fate.isDead) reject(signal!.reason);
      };
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }
}
