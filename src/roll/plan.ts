import type { Found } from "./checker.ts";
import { hasHooks, needsTurn } from "./course.ts";
import type { Effects } from "./effects.ts";
import type { PhaseName } from "./journal.ts";
import type { Wait } from "./policy.ts";
import type { ProbationOptions } from "./probation.ts";
import type { RollOptions } from "./roll.ts";

/** What would be done now for an order. */
export interface Plan {
  /** `check`: the source is asked first; what it named last is told. */
  action: "refused" | "unchanged" | "check" | "roll";
  /** One sentence for people. */
  detail: string;
  /** The version that serves, or served last. */
  from: string | null;
  /** Null: there is no telling, or nothing is rolled to. */
  to: string | null;
  /** Why it would have to wait; null: nothing stands in its way. */
  obstacle: Wait["obstacle"] | null;
  /** It ran here, or the source named it; of any other nobody knows whether it exists. */
  known: boolean;
  strategy: "blue-green" | "recreate";
  /** Those of the roll, in their order; empty: there would be none. */
  phases: PhaseName[];
  /** Where the new version may be started; empty: each takes one of its own. */
  ports: number[];
}

/** Which parts a roll has. */
export interface PlanOptions extends Pick<RollOptions, "exclusive"> {
  readonly minHealthyMs: ProbationOptions["minHealthyMs"];
}

/** The phases of a roll to `target`, in the order in which they would begin. */
export function phasesOf(
  target: Found,
  from: string | null,
  effects: Pick<Effects, "artifacts" | "turns" | "hooks" | "data" | "exchange">,
  { exclusive, minHealthyMs }: PlanOptions,
): PhaseName[] {
  const { artifacts, turns, hooks, data, exchange } = effects;
  const course = { target, from };
  const isNew = hasHooks(course);
  const goesBack = target.trigger === "rollback";
  const leaving: PhaseName[] = from === null ? [] : ["drain", "stop"];
  const phases: (PhaseName | false)[] = [
    artifacts !== undefined && !artifacts.has(target.id) && "fetch",
    turns !== undefined && needsTurn(course) && "turn",
    isNew && hooks.has("before") && "before-hook",
    ...(exclusive ? leaving : []),
    ...(isNew && !goesBack ? data?.steps ?? [] : []),
    "port",
    "start",
    "gate",
    exchange !== undefined && from !== null && "exchange",
    "switch",
    ...(exclusive ? [] : leaving),
    minHealthyMs > 0 && isNew && !goesBack && from !== null && "watch",
    isNew && hooks.has("after") && "after-hook",
  ];
  return phases.filter((phase) => phase !== false);
}
