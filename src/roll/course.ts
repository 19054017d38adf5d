import type { Found } from "./checker.ts";
import type { Trigger } from "./events.ts";
import type { Phases } from "./phases.ts";

/** The same version again, or the proven one back: no business of the operator's hooks. */
const WITHOUT_HOOKS: readonly Trigger[] = ["crash", "liveness", "restart", "automatic-rollback"];

/** The way back, too, is open at any time. */
const BACK: readonly Trigger[] = [...WITHOUT_HOOKS, "rollback"];

/** One attempt to bring a version to the front, from its number to its end. */
export interface Course {
  readonly number: number;
  readonly target: Found;
  /** The version that served last. */
  readonly from: string | null;
  /** Monotonic. */
  readonly began: number;
  readonly phases: Phases;
}

/** The version changes: the operator's hooks are run. */
export function hasHooks({ target, from }: Pick<Course, "target" | "from">): boolean {
  return !WITHOUT_HOOKS.includes(target.trigger) && target.id !== from;
}

/** The version changes, and not back; the first one ever has nobody to take the place of. */
export function needsTurn({ target, from }: Pick<Course, "target" | "from">): boolean {
  return from !== null && !BACK.includes(target.trigger) && target.id !== from;
}

/** It has to happen even if nothing can be written down. */
export function isInAnyCase({ trigger }: Found): boolean {
  return BACK.includes(trigger);
}

/** A person wants it, whatever has failed. */
export function isOrdered({ force, trigger }: Found): boolean {
  return force || trigger === "retry";
}
