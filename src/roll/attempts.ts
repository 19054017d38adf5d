import type { Found } from "./checker.ts";
import type { Chronicle } from "./chronicle.ts";
import { type Course, hasHooks, isInAnyCase, isOrdered, needsTurn } from "./course.ts";
import type { Effects } from "./effects.ts";
import type { Instance } from "./instance.ts";
import type { RollOutcome } from "./events.ts";
import type { PhaseName } from "./journal.ts";
import { lateHook, type LateHookName } from "./late_hook.ts";
import { Phases } from "./phases.ts";
import { recallIfWell } from "./recall.ts";
import type { Requests } from "./requests.ts";
import { roll, type RollOptions, type RollPlan, type RollResult } from "./roll.ts";
import { SkippedError } from "./skipped_error.ts";
import type { Stage } from "./stage.ts";
import type { TurnKeeper } from "./turn_keeper.ts";
import type { TurnEnd } from "./turns.ts";

/** What an attempt means for others; each is told in the same step in which it happens. */
export interface Consequences {
  /** A candidate has become current. */
  onSwitched(course: Course, instance: Instance, previous: Instance | null): void;
  /** An attempt has switched, and all that belongs to that has been told. */
  onSettled(course: Course): void;
  /** A version was refused. @returns Milliseconds until it may be tried again, null: no quarantine. */
  onRefused(target: Found, detail: string, isFault: boolean): number | null;
  /** Something goes on beside the roll; it ends when the signal of the roll aborts. */
  onBesides(work: Promise<void>): void;
}

/** How an attempt ended; `interrupted`: it was called off, or something unexpected happened. */
export type AttemptOutcome =
  | { outcome: "switched" | "failed" | "interrupted" }
  /** It says nothing about the version, which should be tried again as the same roll. */
  | { outcome: "postponed"; roll: number };

/** What attempts work with. */
export interface AttemptTools {
  effects: Effects;
  chronicle: Chronicle;
  stage: Stage;
  requests: Requests;
  turns: TurnKeeper;
}

/** Rolls with their numbers, their events, their hooks and their lines in the journal. */
export class Attempts {
  readonly #tools: AttemptTools;
  readonly #options: RollOptions;
  readonly #consequences: Consequences;
  #count: number;
  /** The roll that was put off before anything was done, since it could not be written down. */
  #notBegun: number | null = null;
  /** The roll that was put off while it waited for its turn: its hook has not run. */
  #turnless: number | null = null;
  #underWay: Course | null = null;

  constructor(tools: AttemptTools, options: RollOptions, consequences: Consequences) {
    this.#tools = tools;
    this.#options = options;
    this.#consequences = consequences;
    this.#count = tools.effects.journal.memory.lastRoll;
  }

  /** The newest attempt that has not switched or failed yet. */
  get underWay(): Course | null {
    return this.#underWay;
  }

  /** One attempt up to the switch. Never rejects, unless an observer throws. */
  async run(target: Found, from: string | null, signal: AbortSignal): Promise<AttemptOutcome> {
    const course = this.#begin(target, from);
    this.#underWay = course;
    try {
      const result = await this.#roll(course, signal);
      // A failure says nothing any more if another version has come to the front in between.
      if (result.outcome !== "switched") signal.throwIfAborted();
      return this.#judge(course, result, signal);
    } catch (error) {
      if (error instanceof SkippedError) this.skip(course.number, target, error.message);
      else {this.interrupt(
          course.number,
          target,
          String(error instanceof Error ? error.message : error),
        );}
      return { outcome: "interrupted" };
    } finally {
      if (this.#underWay === course) this.#underWay = null;
    }
  }

  /** An attempt of a former life that has switched, and is not over. */
  resume(target: Found & { roll: number }, from: string | null): Course {
    const { effects, chronicle } = this.#tools;
    const phases = new Phases(target.roll, effects, chronicle);
    const course = { number: target.roll, target, from, began: effects.clock.now(), phases };
    if (needsTurn(course)) this.#tools.turns.resume(course.number, target.id);
    return course;
  }

  /** It serves, and has served as long as it had to. */
  succeed({ number, target, began }: Course, detail: string): void {
    const durationMs = this.#tools.effects.clock.now() - began;
    const { id } = target;
    this.#tools.effects.observe({ type: "roll.succeeded", roll: number, id, durationMs });
    // With a remark, it did not have the time to prove itself: others should not rely on it.
    this.#endTurn(number, { outcome: detail === "" ? "succeeded" : "interrupted" });
    this.#end(number, target, "succeeded", detail, durationMs);
  }

  /**
   * The data is changed for its version. Whoever goes back on purpose finds the data as it is: a
   * restore would lose what came in.
   */
  changesData(course: Course): boolean {
    return hasHooks(course) && course.target.trigger !== "rollback";
  }

  /** It served, but not well; `to` takes its place. */
  rollBack(
    course: Course,
    to: string,
    detail: string,
    lastLines: readonly string[],
    signal: AbortSignal,
  ): void {
    const { number, target, began } = course;
    const { id } = target;
    const durationMs = this.#tools.effects.clock.now() - began;
    this.#tools.effects.observe({
      type: "roll.rolled_back",
      roll: number,
      id,
      to,
      detail,
      lastLines,
    });
    this.#endTurn(number, { outcome: "failed", detail });
    this.#end(number, target, "rolled_back", detail, durationMs, lastLines);
    this.#hookBesides(course, "on-failure", "watch", null, signal);
  }

  /** It came to nothing, and not because of its version. */
  interrupt(number: number, target: Found, reason: string): void {
    this.#tools.effects.observe({ type: "roll.interrupted", roll: number, id: target.id, reason });
    this.#endTurn(number, { outcome: "interrupted" });
    this.#end(number, target, "interrupted", reason, 0);
  }

  /** Somebody does not want its version: nothing is wrong with it. */
  skip(number: number, target: Found, detail: string): void {
    this.#tools.effects.observe({ type: "roll.skipped", roll: number, id: target.id });
    this.#endTurn(number, { outcome: "interrupted" });
    this.#end(number, target, "skipped", detail, 0);
  }

  #begin(target: Found, from: string | null): Course {
    const { effects, chronicle, requests } = this.#tools;
    const number = target.roll ?? ++this.#count;
    for (const request of target.requests) requests.attach(request, number);
    const { trigger, id } = target;
    effects.observe({ type: "roll.started", roll: number, trigger, from, to: id });
    const phases = new Phases(number, effects, chronicle);
    return { number, target, from, began: effects.clock.now(), phases };
  }

  async #roll(course: Course, signal: AbortSignal): Promise<RollResult> {
    const { number, target, from, phases } = course;
    const { stage, effects, chronicle } = this.#tools;
    const { id, trigger } = target;
    const strict = stage.current !== null && !isInAnyCase(target);
    const isNew = target.roll === null || target.roll === this.#notBegun;
    if (isNew) {
      const at = effects.date();
      const entry = { step: "roll.began", roll: number, at, trigger, from, to: id } as const;
      try {
        await chronicle.intend(entry);
      } catch (error) {
        if (strict) {
          this.#notBegun = number;
          return { outcome: "unwritable", detail: String(error) };
        }
      }
      this.#notBegun = null;
    }
    const plan: RollPlan = {
      roll: number,
      trigger,
      from,
      id,
      // A roll that had to wait for its port has run its hook already.
      hooks: hasHooks(course) && (isNew || number === this.#turnless),
      changesData: this.changesData(course),
      strict,
      onSwitched: (instance: Instance, previous: Instance | null) => {
        this.#consequences.onSwitched(course, instance, previous);
        this.#hookBesides(course, "after", "", instance.port, signal);
      },
    };
    const { turns } = effects;
    if (turns !== undefined && needsTurn(course)) {
      const seeker = { roll: number, version: id, isOrdered: isOrdered(target) };
      plan.takeTurn = (s: AbortSignal) => this.#tools.turns.take(seeker, turns, s);
    }
    const cast = { stage, effects, chronicle, phases };
    const back = trigger === "rollback"
      ? await recallIfWell(course, cast, this.#options, signal)
      : null;
    if (back !== null) {
      plan.onSwitched(back, null);
      return { outcome: "switched", instance: back };
    }
    return await roll(plan, cast, this.#options, signal);
  }

  #judge(course: Course, result: RollResult, signal: AbortSignal): AttemptOutcome {
    const { observe, clock } = this.#tools.effects;
    const { number, target, began } = course;
    const { id } = target;
    switch (result.outcome) {
      case "switched":
        this.#consequences.onSettled(course);
        return { outcome: "switched" };
      case "gave_way":
        this.#turnless = number;
        return { outcome: "postponed", roll: number };
      case "unwritable":
        this.#endTurn(number, { outcome: "interrupted" });
        return { outcome: "postponed", roll: number };
      case "port_busy": {
        const { port, holder } = result;
        observe({ type: "port.busy", roll: number, id, port, holder });
        this.#endTurn(number, { outcome: "interrupted" });
        return { outcome: "postponed", roll: number };
      }
      case "failed": {
        const { reason, detail, lastLines, phase, isFault = true } = result;
        const retryInMs = this.#consequences.onRefused(target, detail, isFault);
        observe({ type: "roll.failed", roll: number, id, reason, detail, lastLines, retryInMs });
        this.#endTurn(number, isFault ? { outcome: "failed", detail } : { outcome: "interrupted" });
        this.#end(number, target, "failed", detail, clock.now() - began, lastLines);
        this.#hookBesides(course, "on-failure", phase, null, signal);
        return { outcome: "failed" };
      }
    }
  }

  #end(
    roll: number,
    { requests }: Found,
    outcome: RollOutcome,
    detail: string,
    durationMs: number,
    lastLines: readonly string[] = [],
  ): void {
    const { chronicle } = this.#tools;
    chronicle.note({ step: "roll.ended", roll, outcome, detail, durationMs, lastLines });
    for (const request of requests) this.#tools.requests.end(request, outcome, detail);
  }

  /** The end of everything waits until others know, for a while. */
  #endTurn(roll: number, end: TurnEnd): void {
    const telling = this.#tools.turns.end(roll, end);
    if (telling !== null) this.#consequences.onBesides(telling);
  }

  /** Hooks that nothing waits for. They never change how a roll ends. */
  #hookBesides(
    course: Course,
    hook: LateHookName,
    phase: PhaseName | "",
    port: number | null,
    signal: AbortSignal,
  ): void {
    const work = lateHook(hook, course, { phase, port }, this.#tools.effects, signal);
    if (work !== null) this.#consequences.onBesides(work);
  }
}
