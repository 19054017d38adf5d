import type { Trigger } from "./events.ts";

/** Checks are spread by this share of the interval, so that many hosts do not ask in step. */
const JITTER = 0.1;

/** Until something serves for the first time nobody has the patience of a long interval. */
const FIRST_INTERVAL_MS = 10_000;

/** When the source is asked next, and why. Times are monotonic. */
export class Schedule {
  readonly #intervalMs: number;
  readonly #random: () => number;
  #nextAt: number;
  #retryAt = Infinity;
  #trigger: Trigger = "start";
  #isForced = false;

  /** The first check is due at `now`. */
  constructor(intervalMs: number, now: number, random: () => number) {
    this.#intervalMs = intervalMs;
    this.#nextAt = now;
    this.#random = random;
  }

  /** When the next check is due, unless one is forced. */
  get dueAt(): number {
    return Math.min(this.#nextAt, this.#retryAt);
  }

  /** Somebody wants a check now. */
  get isForced(): boolean {
    return this.#isForced;
  }

  /** A check is wanted now; several wishes are one. */
  force(): void {
    this.#isForced = true;
  }

  /** A check begins. @returns Why. */
  begin(): Trigger {
    const trigger = this.#isForced ? "forced" : this.#trigger;
    this.#isForced = false;
    this.#trigger = "interval";
    this.#retryAt = Infinity;
    return trigger;
  }

  /** A check has ended; the next one follows after an interval, or earlier if this was no start. */
  end(now: number, isContent: boolean): void {
    const jitter = 1 + JITTER * (2 * this.#random() - 1);
    const waitMs = isContent ? this.#intervalMs : Math.min(this.#intervalMs, FIRST_INTERVAL_MS);
    this.#nextAt = now + waitMs * jitter;
  }

  /** A refused version may be tried again at `time`: the check is then due at the latest. */
  retryAt(time: number): void {
    this.#retryAt = time;
  }
}
