import type { Attempts } from "./attempts.ts";
import type { Found } from "./checker.ts";
import type { Checks } from "./checks.ts";
import type { Effects } from "./effects.ts";
import type { NextUp } from "./next_up.ts";
import type { Recovery } from "./recovery.ts";
import type { Requests } from "./requests.ts";
import { SkippedError } from "./skipped_error.ts";
import type { Stage } from "./stage.ts";

/** A roll that found no free port is tried again after this time: no version is to blame. */
const RETRY_MS = 5_000;

/** What rolls work with. */
export interface RollsTools {
  effects: Effects;
  stage: Stage;
  requests: Requests;
  attempts: Attempts;
  checks: Checks;
  nextUp: NextUp;
  recovery: Recovery;
  /** Aborts when everything ends. */
  stopping: AbortSignal;
}

/** Takes versions to the front, one at a time. */
export class Rolls {
  readonly #tools: RollsTools;
  #isUnderWay = false;
  #to: string | null = null;
  #callOff = new AbortController();

  constructor(tools: RollsTools) {
    this.#tools = tools;
  }

  /** One is under way; what comes after its switch belongs to it. */
  get isUnderWay(): boolean {
    return this.#isUnderWay;
  }

  /** The version on its way to the front; null again from the switch on. */
  get to(): string | null {
    return this.#to;
  }

  /** The switch has happened. */
  arrived(): void {
    this.#to = null;
  }

  /** Somebody does not want `id`: what takes it to the front ends, and undoes what it has begun. */
  skip(id: string): void {
    // What serves already is only started anew, and was not asked about.
    if (this.#to === id && id !== this.#tools.recovery.provenId) {
      this.#callOff.abort(new SkippedError(id));
    }
  }

  /** Takes `target` to the front, unless that makes no sense any more. */
  async run(target: Found): Promise<void> {
    if (this.#isOutdated(target)) return;
    const { attempts, recovery, stage, effects, stopping } = this.#tools;
    this.#isUnderWay = true;
    this.#to = target.id;
    this.#callOff = new AbortController();
    const signal = AbortSignal.any([stopping, this.#callOff.signal]);
    let isToCome = false;
    try {
      const attempt = await attempts.run(target, recovery.provenId, signal);
      isToCome = attempt.outcome === "postponed";
      if (attempt.outcome === "postponed") this.#postpone({ ...target, roll: attempt.roll });
    } finally {
      this.#isUnderWay = false;
      this.#to = null;
    }
    // With the exclusive strategy nothing serves after a refusal: the proven version comes back.
    if (stage.current === null) recovery.wanted(effects.clock.now());
    // A version that was to be rolled back serves on: the proven one is tried again and again.
    else if (stage.current.id !== recovery.provenId && !isToCome) {
      recovery.wanted(effects.clock.now(), "automatic-rollback");
    }
  }

  #postpone(target: Found & { roll: number }): void {
    const { nextUp, attempts, stopping } = this.#tools;
    // A version that was found meanwhile is newer than this one.
    if (nextUp.target === null && !stopping.aborted) return nextUp.put(target, RETRY_MS);
    attempts.interrupt(target.roll, target, "it could not begin");
  }

  /** While it waited for its roll, a version may have been tried in another one, or be unwanted. */
  #isOutdated(target: Found): boolean {
    const { id, trigger, force, requests, roll } = target;
    if (force) return false;
    const { attempts, checks, recovery } = this.#tools;
    const runs = id === recovery.provenId;
    const wait = runs ? null : checks.obstacle(id, { trigger, force, requests });
    if (!runs && wait === null) return false;
    const detail = wait === null ? `${id} runs already` : `${id} has to wait: ${wait.detail}`;
    if (roll !== null) attempts.interrupt(roll, target, detail);
    for (const request of requests) {
      this.#tools.requests.end(request, runs ? "unchanged" : "refused", detail);
    }
    // Whoever waits for a known time is found again when it is over.
    if (wait !== null) checks.putOff(wait, trigger);
    return true;
  }
}
