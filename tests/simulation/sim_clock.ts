import { setImmediate } from "node:timers";
import type { Clock } from "../../src/platform/clock.ts";
import { TimerHeap } from "./timer_heap.ts";

/** Something that happens at a time. */
export interface Timer {
  readonly at: number;
  /** Of two at the same time, the one with the lower number comes first. */
  readonly order: number;
  readonly fire: () => void;
  /** It has fired, or was given up. */
  isOver: boolean;
}

/** A power of two, so that sums and differences of times are exact. */
const TICKS_PER_MS = 2 ** 22;

/** Virtual time: nothing waits, timers fire in the order of their times, then of their creation. */
export class SimClock implements Clock {
  #now = 0;
  #order = 0;
  #pending = 0;
  readonly #timers = new TimerHeap();

  now(): number {
    return this.#now;
  }

  /** Timers that have neither fired nor been given up. */
  get pending(): number {
    return this.#pending;
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
    const due = Math.ceil((this.#now + Math.max(0, ms)) * TICKS_PER_MS) / TICKS_PER_MS;
    // However short a wait is, time passes in it.
    const at = ms > 0 && due === this.#now ? this.#now + 1 / TICKS_PER_MS : due;
    const timer = { at, order: this.#order++, fire, isOver: false };
    this.#pending++;
    this.#timers.push(timer);
    return timer;
  }

  cancel(timer: Timer): void {
    if (timer.isOver) return;
    timer.isOver = true;
    this.#pending--;
  }

  /**
   * Lets the next timer fire and everything it causes happen. False when there is none before
   * `limit`.
   */
  async step(limit: number): Promise<boolean> {
    await this.settle();
    return await this.advance(limit);
  }

  /** As {@linkcode step}, when everything that is ready to happen is known to have happened. */
  async advance(limit: number): Promise<boolean> {
    const next = this.#timers.takeBefore(limit);
    if (next === null) {
      this.#now = Math.max(this.#now, limit);
      return false;
    }
    next.isOver = true;
    this.#pending--;
    this.#now = next.at;
    next.fire();
    await this.settle();
    return true;
  }

  /**
   * Lets everything that is ready to happen now happen: a turn of the event loop comes after the
   * last promise that can be settled, and lets go of what was weakly referenced.
   */
  settle(): Promise<void> {
    return new Promise((resolve) => void setImmediate(resolve));
  }
}
