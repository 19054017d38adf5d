import type { Found } from "./checker.ts";
import type { Checks } from "./checks.ts";
import type { Effects } from "./effects.ts";
import type { NextUp } from "./next_up.ts";
import type { Preferences } from "./preferences.ts";
import type { ProvenVersions } from "./proven_versions.ts";
import type { Recovery } from "./recovery.ts";
import type { Refusals } from "./refusals.ts";
import type { Rolls } from "./rolls.ts";
import type { Wish } from "./schedule.ts";
import { SkippedError } from "./skipped_error.ts";
import type { Stage } from "./stage.ts";
import type { TurnKeeper } from "./turn_keeper.ts";

/** Who does what is on the agenda. */
export interface AgendaTools {
  effects: Pick<Effects, "clock" | "observe" | "data">;
  preferences: Pick<Preferences, "now" | "want">;
  proven: Pick<ProvenVersions, "has">;
  refusals: Pick<Refusals, "release" | "forgetLatest">;
  recovery: Pick<Recovery, "provenId" | "crash" | "wanted">;
  stage: Pick<Stage, "current">;
  checks: Pick<Checks, "last" | "wish" | "isWished" | "decline" | "keepUp" | "forgetWaiting">;
  nextUp: Pick<NextUp, "at" | "target" | "put" | "take" | "giveUp" | "skip">;
  rolls: Pick<Rolls, "isUnderWay" | "skip">;
  turns: Pick<TurnKeeper, "awaited" | "giveWay">;
  /** Something is to be done. */
  onWished(): void;
  /** What is told of the state may have changed as well. */
  onChanged(): void;
}

/** What is still to be done because somebody wants it, or because it was found. */
export class Agenda {
  readonly #tools: AgendaTools;
  #wantsRestart = false;

  constructor(tools: AgendaTools) {
    this.#tools = tools;
  }

  /** Checks now and replaces what runs even if its id is the same; quarantine does not hold it. */
  requestForcedUpdate(): void {
    const { paused, pinned } = this.#tools.preferences.now;
    if (pinned !== null) {
      this.rollTo({ id: pinned, trigger: "forced", force: true, requests: [], roll: null });
    } else if (paused) {
      const detail = "updates are paused; liveroll resume lets them go on";
      this.#tools.effects.observe({ type: "check.declined", trigger: "forced", detail });
    } else this.check({ trigger: "forced", force: true, requests: [] });
  }

  /** Replaces what runs by a fresh instance of the same version, without asking the source. */
  requestRestart(): void {
    this.#wantsRestart = true;
    this.#tools.onWished();
  }

  /** Asks the source as soon as nothing else is under way. */
  check(wish: Wish): void {
    this.#tools.checks.wish(wish);
    this.#tools.onWished();
  }

  /** Rolls to a version as soon as nothing else is under way. */
  rollTo(target: Found): void {
    this.#tools.nextUp.put(target);
    this.#tools.onChanged();
  }

  /** Updates do not go on: what is wished and what was found end, unless they go over that. */
  halt(reason: string, isConcerned?: (target: Found) => boolean): void {
    this.#tools.checks.decline(reason);
    this.forgetFound(reason, isConcerned);
  }

  /** What was found by itself is forgotten; the next check finds it again. */
  forgetFound(reason: string, isConcerned: (target: Found) => boolean = () => true): void {
    const { nextUp, turns, checks } = this.#tools;
    const { target } = nextUp;
    if (target !== null && isConcerned(target)) {
      nextUp.giveUp(reason);
      if (!target.force) checks.keepUp(target.trigger);
    }
    // What waits for other hosts begins again, and finds what stands in its way now.
    turns.giveWay();
    checks.forgetWaiting();
    this.#tools.onChanged();
  }

  /** Somebody does not want `id`: it is not rolled to, and if that has begun, it ends. */
  skip(id: string): void {
    const { nextUp, rolls } = this.#tools;
    const { message } = new SkippedError(id);
    if (nextUp.target?.id === id) nextUp.skip(message);
    rolls.skip(id);
    this.forgetFound(message, () => false);
  }

  /** A person wants `id` after all. */
  release(id: string): void {
    this.#tools.preferences.want(id);
    this.#tools.refusals.release(id);
  }

  /** A check has found something to roll to. */
  found(found: Found): void {
    if (found.force) this.release(found.id);
    this.#tools.nextUp.put(found);
  }

  /** A check has found nothing to roll to. */
  nothingFound(): void {
    const { checks, refusals, stage, recovery, effects } = this.#tools;
    if (checks.last?.result.outcome === "unchanged") refusals.forgetLatest();
    // No newer version will come in the place of the one that should run.
    if (stage.current === null && recovery.provenId !== null && recovery.crash === null) {
      recovery.wanted(effects.clock.now());
    }
  }

  /** What was pinned, and had no time to prove itself, gets its turn beside what is known to be good. */
  resumePin(): void {
    const { preferences, recovery, effects, proven, nextUp } = this.#tools;
    const { pinned } = preferences.now;
    if (pinned === null || pinned === recovery.provenId) return;
    const wasStarted = !effects.data?.isOneWay;
    if (wasStarted && proven.has(pinned)) return;
    nextUp.put({ id: pinned, trigger: "pin", force: false, requests: [], roll: null });
  }

  /** What runs is to be started anew. */
  get wantsRestart(): boolean {
    return this.#wantsRestart;
  }

  /** From when on the version that was found may be rolled to, monotonic; null: none waits. */
  get foundAt(): number | null {
    return this.#tools.nextUp.at;
  }

  /** A roll or check that somebody asked for is under way or about to begin. */
  get isBusy(): boolean {
    const { nextUp, effects, rolls, turns, checks } = this.#tools;
    // One that waits for a port, for its turn or for its time is in nobody's way.
    const isDue = (nextUp.at ?? Infinity) <= effects.clock.now();
    const isUnderWay = rolls.isUnderWay && turns.awaited === null;
    return isUnderWay || isDue || checks.isWished;
  }

  /** The version whose time has come; only when one waits. */
  takeFound(): Found {
    return this.#tools.nextUp.take();
  }

  /** The restart that is wanted; only when something is known to be good. */
  takeRestart(): Found {
    this.#wantsRestart = false;
    const id = this.#tools.recovery.provenId!;
    return { id, trigger: "restart", force: true, requests: [], roll: null };
  }
}
