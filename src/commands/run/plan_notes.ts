import type { PhaseName } from "../../roll/journal.ts";
import type { Plan } from "../../roll/plan.ts";
import { holdNote, type HoldTimes } from "../hold_note.ts";

/** Nobody knows how long these take. */
const DATA_PHASES: readonly PhaseName[] = ["snapshot", "migrate"];

/**
 * What comes with a planned roll, a sentence each.
 *
 * @param forgottenData What is lost with each container.
 */
export function planNotes(
  { phases, strategy, from }: Pick<Plan, "phases" | "strategy" | "from">,
  times: HoldTimes,
  forgottenData: readonly string[],
): string[] {
  if (phases.length === 0) return [];
  // Where nothing serves, requests wait anyway.
  const holds = strategy === "recreate" && from !== null;
  const changesData = phases.some((name) => DATA_PHASES.includes(name));
  return [...(holds ? [holdNote(times, changesData)] : []), ...forgottenData];
}
