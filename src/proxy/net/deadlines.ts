import type { Clock } from "../../platform/clock.ts";

/** How often deadlines are looked at; none is met more exactly than this. */
export const SWEEP_MS = 100;

/** Something that may take only so long. */
export interface Timed {
  /** When {@linkcode onDeadline} is due, see {@linkcode Deadlines.in}; `Infinity`: never. */
  deadlineAt: number;
  /** Called once it is past, again on every sweep until it is moved; must not throw. */
  onDeadline(): void;
}

/**
 * Many deadlines for the price of one timer. Setting one is a store to a field: a timer of its own
 * for every phase of every request would cost more than parsing it.
 */
export class Deadlines {
  #timed = new Set<Timed>();
  #clock: Clock;
  #sweeping: AbortController | null = null;
  #now: number;
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#now = clock.now();
  }

  /** Milliseconds, as old as the last sweep while anything is watched. */
  get now(): number {
    return this.#now;
  }

  /** The deadline that lies `ms` ahead: never too early, at most two sweeps late. 0: never. */
  in(ms: number): number {
    return ms === 0 ? Infinity : this.#now + SWEEP_MS + ms;
  }

  /** Watches `timed` until it is removed. */
  add(timed: Timed): void {
    this.#timed.add(timed);
    if (this.#sweeping || this.#closed) return;
    this.#now = this.#clock.now();
    this.#sweep();
  }

  remove(timed: Timed): void {
    this.#timed.delete(timed);
  }

  /** No deadline is met any more. */
  close(): void {
    this.#closed = true;
    this.#timed.clear();
    this.#sweeping?.abort();
  }

  /** Ends by itself when there is nothing to watch. */
  async #sweep(): Promise<void> {
    const { signal } = this.#sweeping = new AbortController();
    while (this.#timed.size > 0) {
      try {
        await this.#clock.sleep(SWEEP_MS, signal);
      } catch {
        break;
      }
      this.#forgetStall(this.#clock.now() - this.#now - SWEEP_MS);
      this.#now = this.#clock.now();
      for (const timed of this.#timed) if (timed.deadlineAt <= this.#now) timed.onDeadline();
    }
    this.#sweeping = null;
  }

  /** While nothing ran here nobody could keep a deadline, so that time does not count. */
  #forgetStall(ms: number): void {
    if (ms < SWEEP_MS) return;
    for (const timed of this.#timed) timed.deadlineAt += ms;
  }
}
