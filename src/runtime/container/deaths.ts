import type { Clock } from "../../platform/clock.ts";

/** As many of each container in this time are bad luck; one more is a crash loop. */
const BAD_LUCK = 3;
const WITHIN_MS = 60_000;

/** Counts how often containers of an instance that serves end by themselves. */
export class Deaths {
  readonly #clock: Clock;
  readonly #strictUntil: number;
  readonly #tooMany: number;
  #times: number[] = [];

  /**
   * @param strictMs So long the first one is one too many: the version is on probation.
   * @param containers How many there are: they may all fall at once, with the engine.
   */
  constructor(clock: Clock, strictMs: number, containers = 1) {
    this.#clock = clock;
    this.#tooMany = BAD_LUCK * containers + 1;
    this.#strictUntil = clock.now() + strictMs;
  }

  /** The version is on probation. */
  get isStrict(): boolean {
    return this.#clock.now() < this.#strictUntil;
  }

  /** Those that count now. */
  get recent(): number {
    const since = this.#clock.now() - WITHIN_MS;
    return this.#times.filter((time) => time > since).length;
  }

  /**
   * One more.
   *
   * @param isOwn It ended by itself: on probation that is enough.
   * @returns Whether the instance as a whole is given up.
   */
  add(isOwn = true): "few" | "too_many" {
    const now = this.#clock.now();
    this.#times = [...this.#times.filter((time) => time > now - WITHIN_MS), now];
    return (this.isStrict && isOwn) || this.#times.length >= this.#tooMany ? "too_many" : "few";
  }
}
