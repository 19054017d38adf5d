import type { Course } from "./course.ts";
import type { Effects } from "./effects.ts";
import type { Instance } from "./instance.ts";
import type { Ending } from "./ending.ts";
import type { Guard } from "./guard.ts";
import type { Healing } from "./healing.ts";
import type { Preferences } from "./preferences.ts";
import type { Recovery } from "./recovery.ts";
import { refer } from "./refer.ts";
import type { Refusals } from "./refusals.ts";
import type { Rolls } from "./rolls.ts";
import type { Stage } from "./stage.ts";

/** Who has to know that somebody else serves. */
export interface SuccessionTools {
  effects: Pick<Effects, "clock" | "observe">;
  stage: Pick<Stage, "current" | "bury">;
  preferences: Pick<Preferences, "now" | "skipAnyway" | "changeAnyway">;
  refusals: Pick<Refusals, "absolve" | "forgetLatest">;
  recovery: Recovery;
  healing: Pick<Healing, "brings">;
  rolls: Pick<Rolls, "arrived">;
  guard: Pick<Guard, "arrived" | "exited">;
  ending: Pick<Ending, "hasBegun" | "forced">;
  /** Somebody else serves. */
  onSucceeded(): void;
  /** Nobody serves any more. */
  onEnded(): void;
}

/** Who serves after whom: what it means that an instance begins to serve, and that it ends. */
export class Succession {
  readonly #tools: SuccessionTools;

  constructor(tools: SuccessionTools) {
    this.#tools = tools;
  }

  /** What served in a former life goes on. */
  adopted(instance: Instance): void {
    instance.exited.then(() => this.#exited(instance));
    this.#tools.onSucceeded();
  }

  /** A candidate has become current. Runs in the same step as the switch itself. */
  switched(course: Course, instance: Instance, previous: Instance | null): void {
    const { effects, recovery, refusals, guard } = this.#tools;
    const { number: roll, target } = course;
    const from = recovery.provenId;
    if (!this.#tools.healing.brings(target)) this.#supersede(course);
    if (target.trigger === "rollback") this.#turnAwayFrom(from, instance.id);
    refusals.absolve(instance.id);
    recovery.serves(instance.id, effects.clock.now());
    instance.exited.then(() => this.#exited(instance));
    effects.observe({ type: "roll.switched", roll, instance: refer(instance), from });
    guard.arrived(course, instance, previous);
    this.#tools.onSucceeded();
  }

  /** It is no healing that has come to the front: one that is still on its way comes too late. */
  #supersede({ target }: Course): void {
    const { recovery, rolls, refusals } = this.#tools;
    recovery.supersede();
    rolls.arrived();
    // The running version started again says nothing about a newer one that was refused.
    if (target.trigger !== "restart") refusals.forgetLatest();
  }

  /** Somebody went back to `to`, and does not want `from` any more. */
  #turnAwayFrom(from: string | null, to: string): void {
    const { preferences } = this.#tools;
    if (from === null || from === to) return;
    // Or the next check would bring back what somebody has just got rid of.
    preferences.skipAnyway(from, `${from}: rolled back to ${to}`);
    // Or the next start would.
    if (preferences.now.pinned === from) preferences.changeAnyway("pinned", { pinned: to }, to);
  }

  /** The end of an instance that was promoted. Most often it is a planned one, of no interest. */
  #exited(instance: Instance): void {
    const { effects, stage, guard, ending } = this.#tools;
    if (stage.current !== instance || ending.forced.aborted) return;
    const lastLines = instance.lastLines();
    const exit = instance.exit!;
    effects.observe({ type: "instance.exited", instance: refer(instance), exit, lastLines });
    stage.bury(instance);
    if (!ending.hasBegun) guard.exited(instance);
    this.#tools.onEnded();
  }
}
