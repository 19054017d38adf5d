import type { Clock } from "../../src/platform/clock.ts";

interface Timer {
  at: number;
  order: number;
  fire: () => void;
}

/** Microtask turns after which everything that one event caused has happened. */
const TURNS = 60;

/** Virtual time: nothing waits, timers fire in the order of their times, then of their creation. */
export class SimClock implements Clock {
  #now = 0;
  #order = 0;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#now;
  }

  /** Timers that have neither fired nor been given up. */
  get pending(): number {
    return this.#timers.size;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const timer = this.after(ms, () => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      });
      const onAbort = () => {
        this.cancel(timer);
        reject(signal!.reason);
      };
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  /** Calls `fire` in `ms` milliseconds. */
  after(ms: number, fire: () => void): Timer {
    const timer = { at: this.#now + Math.max(0, ms), order: this.#order++, fire };
    this.#timers.add(timer);
    return timer;
  }

  cancel(timer: Timer): void {
    this.#timers.delete(timer);
  }

  /** Lets the next timer fire and everything it causes happen. False when there is none before `limit`. */
  async step(limit: number): Promise<boolean> {
    await this.settle();
    let next: Timer | null = null;
    for (const timer of this.#timers) {
      if (
        next === null || timer.at < next.at || timer.at === next.at && timer.order < next.order
      ) next = timer;
    }
    if (next === null || next.at > limit) {
      this.#now = Math.max(this.#now, limit);
      return false;
    }
    this.#timers.delete(next);
    this.#now = next.at;
    next.fire();
    await this.settle();
    return true;
  }

  /** Lets everything that is ready to happen now happen. */
  async settle(): Promise<void> {
    for (let i = 0; i < TURNS; i++) await null;
  }
}
