import type { HistoryEntry, RollDetails, Status } from "../operator.ts";
import type { JobOutcome, JobState } from "./words.ts";

/** How a job ended; `outcome` null: the version before is still on its way back. */
export interface Ending {
  readonly state: JobState;
  readonly outcome: JobOutcome | null;
}

/** What took place after a roll, and what is the case now. */
export interface Aftermath {
  /** Rolls that began later. */
  readonly later: readonly HistoryEntry[];
  readonly status: Status;
}

const FAILED = { state: "failed", outcome: "not restored: operator needed" } as const;

/**
 * How a roll with an outcome ended. `rolled_back` is said only of a version before that was taken
 * out of service, serves again and is healthy.
 */
export function endingOf(roll: RollDetails, { later, status }: Aftermath): Ending {
  if (roll.outcome === "succeeded") return { state: "committed", outcome: "committed" };
  const id = restoredId(roll);
  const back = later.filter(({ to }) => to === id);
  const isInterrupted = roll.outcome === "interrupted";
  // Who kills liveroll may take the version before along: the next start brings back what it can.
  const isNewLife = isInterrupted &&
    later.some(({ trigger, to }) => trigger === "start" || to === id);
  if (!wasTouched(roll) && !isNewLife && id !== null) {
    return { state: "failed", outcome: "not touched" };
  }
  const outcome = restoration(roll, id, back, status);
  if (outcome === null) return { state: "rolling_back", outcome };
  const isBack = outcome === "restored and healthy" && !isInterrupted;
  return isBack ? { state: "rolled_back", outcome } : { ...FAILED, outcome };
}

function restoration(
  roll: RollDetails,
  id: string | null,
  back: readonly HistoryEntry[],
  { current, state }: Status,
): JobOutcome | null {
  if (id === null) return FAILED.outcome;
  if (back.some(({ outcome }) => outcome === "succeeded")) return "restored and healthy";
  if (back.some(({ outcome }) => outcome === null)) return null;
  if (current?.id === id && current.healthySince !== null) {
    return state === "degraded" ? "restored, unhealthy" : "restored and healthy";
  }
  if (wasRecalled(roll, id)) return "restored and healthy";
  if (current === null || current.healthySince === null) return FAILED.outcome;
  if (current.id !== roll.to) return "replaced";
  // It serves until the version before does; that has not begun yet, or goes on in a moment.
  return back.length === 0 ? null : FAILED.outcome;
}

/** The version that should serve again. */
function restoredId({ from, events }: RollDetails): string | null {
  for (const { event } of events) if (event.type === "roll.rolled_back") return event.to;
  return from;
}

/** The version before was taken out of service, or was about to be. */
function wasTouched({ phases, outcome }: RollDetails): boolean {
  return outcome === "rolled_back" ||
    phases.some(({ name }) => ["switch", "drain", "stop"].includes(name));
}

/** It was still there, and took over again in the same roll. */
function wasRecalled({ events }: RollDetails, id: string): boolean {
  return events.some(({ event }) => event.type === "roll.switched" && event.instance.id === id);
}
