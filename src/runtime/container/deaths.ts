import type { Clock } from "../../platform/clock.ts";

/** So many in this time are a crash loop. */
const TOO_MANY = 4;
const WITHIN_MS = 60_000;

/** Counts how often containers of an instance that serves end by themselves. */
export class Deaths {
  readonly #clock: Clock;
  readonly #strictUntil: number;
  #times: number[] = [];

  /** @param strictMs So long the first one is one too many: the version is on probation. */
  constructor(clock: Clock, strictMs: number) {
    this.#clock = clock;
    this.#strictUntil = clock.now() + strictMs;
  }

  /** The version is on probation. */
  get isStrict(): boolean {
    return this.#clock.now() < this.#strictUntil;
  }

  /** One more. @returns Whether the instance as a whole is given up. */
  add(): "few" | "too_many" {
    const now = this.#clock.now();
    this.#times = [...this.#times.filter((time) => time > now - WITHIN_MS), now];
    return this.isStrict || this.#times.length >= TOO_MANY ? "too_many" : "few";
  }
}
