import { backoffMs } from "./backoff.ts";
import type { Trigger } from "./events.ts";

/** Checks are spread by this share of the interval, so that many hosts do not ask in step. */
const JITTER = 0.1;

/** Until something serves for the first time nobody has the patience of a long interval. */
const FIRST_INTERVAL_MS = 10_000;

/** How often the source is asked. */
export interface Pace {
  /** Infinity: only on demand, once something is proven. */
  readonly intervalMs: number;
  /** The longest wait after checks that failed; less than the interval: that stays. */
  readonly maxBackoffMs: number;
}

/** Why the source is asked. */
export interface Wish {
  readonly trigger: Trigger;
  /** Roll to what it names even if that runs, is skipped, or is in quarantine. */
  readonly force: boolean;
  /** Who waits for the outcome. */
  readonly requests: readonly number[];
}

/** When the source is asked next, and why. Times are monotonic. */
export class Schedule {
  readonly #pace: Pace;
  readonly #random: () => number;
  #nextAt: number;
  #retryAt = Infinity;
  #trigger: Trigger = "start";
  #wish: Wish | null = null;

  #failures = 0;

  /** @param firstAt When the first check is due. */
  constructor(pace: Pace, firstAt: number, random: () => number) {
    this.#pace = pace;
    this.#nextAt = firstAt;
    this.#random = random;
  }

  /** When the next check is due, unless one is forced. */
  get dueAt(): number {
    return Math.min(this.#nextAt, this.#retryAt);
  }

  /** Somebody wants a check now. */
  get isWished(): boolean {
    return this.#wish !== null;
  }

  /** A check is wanted now; several wishes are one, and what was wished first gives the reason. */
  wish(wish: Wish): void {
    const { trigger, force, requests } = this.#wish ?? { ...wish, requests: [] };
    this.#wish = {
      trigger: wish.force && !force ? wish.trigger : trigger,
      force: force || wish.force,
      requests: [...requests, ...wish.requests],
    };
  }

  /** What is wished is not done, if it is concerned. @returns It; null: nothing is. */
  withdraw(isConcerned: (wish: Wish) => boolean): Wish | null {
    const wish = this.#wish;
    if (wish === null || !isConcerned(wish)) return null;
    this.#wish = null;
    return wish;
  }

  /** A check begins. @returns Why. */
  begin(): Wish {
    const wish = this.#wish ?? { trigger: this.#trigger, force: false, requests: [] };
    this.#wish = null;
    this.#trigger = "interval";
    this.#retryAt = Infinity;
    return wish;
  }

  /**
   * A check has ended; the next one follows after an interval, earlier if there is nothing to serve
   * yet, later if this was not the first failure in a row.
   */
  end(now: number, isContent: boolean, hasFailed = false): void {
    this.#failures = hasFailed ? this.#failures + 1 : 0;
    const { intervalMs } = this.#pace;
    const jitter = 1 + JITTER * (2 * this.#random() - 1);
    const waitMs = isContent
      ? intervalMs + this.#extraMs()
      : Math.min(intervalMs, FIRST_INTERVAL_MS);
    this.#nextAt = now + waitMs * jitter;
  }

  /** The interval is doubled after the second failure, and so on; half of what is added is chance. */
  #extraMs(): number {
    const { intervalMs: baseMs, maxBackoffMs } = this.#pace;
    if (this.#failures < 2 || maxBackoffMs <= baseMs) return 0;
    const extraMs = backoffMs(this.#failures, { baseMs, maxMs: maxBackoffMs }) - baseMs;
    return extraMs * (1 + this.#random()) / 2;
  }

  /** A version that waits may be tried at `time`: the check is then due at the latest. */
  retryAt(time: number): void {
    this.#retryAt = Math.min(time, this.#retryAt);
  }
}
