import { describe } from "../roll/describe.ts";
import type { RollEvent } from "../roll/events.ts";

/** How much a notification matters. */
export type Importance = "normal" | "important" | "error" | "recovery";

/** Something that people are told. */
export interface Notification {
  /** Stable word, for machines. */
  readonly event: string;
  readonly importance: Importance;
  readonly message: string;
  /** Errors of one kind are told three times, then not until the recovery; null: always told. */
  readonly trouble: string | null;
}

/** What an event means for people who are not looking; null: nothing. */
export function notificationOf(event: RollEvent): Notification | null {
  const named = name(event);
  if (named === null) return null;
  const [word, importance, trouble = null] = named;
  return { event: word, importance, message: describe(event).message, trouble };
}

function name(event: RollEvent): [string, Importance, string?] | null {
  switch (event.type) {
    case "state":
      if (event.state === "stopped") return ["stopped", "important"];
      return null;
    case "check.failed":
      return ["check_failed", "error", "check"];
    case "check.unchanged":
      return ["recovered", "recovery", "check"];
    case "update.found":
      return ["found", "normal"];
    case "roll.switched":
      return event.from === null ? ["started", "important"] : ["rolled", "important"];
    case "roll.failed":
      return ["failed", "error", `roll ${event.id}`];
    case "roll.rolled_back":
      return ["rolled_back", "error"];
    case "roll.succeeded":
      return ["recovered", "recovery", "crash"];
    case "instance.exited":
      return ["crashed", "error", "crash"];
    case "restart.scheduled":
      return event.crashLoop ? ["crash_loop", "error", "loop"] : null;
    case "instance.unhealthy":
      return ["unhealthy", "error", "health"];
    case "instance.recovered":
      return ["recovered", "recovery", "health"];
    case "quarantine.added":
      return ["quarantined", "normal"];
    case "hook.ended":
      return event.end.outcome === "succeeded" ? null : ["hook_failed", "error", "hook"];
    case "journal.failed":
      return ["journal_failed", "error", "journal"];
    case "journal.recovered":
      return ["recovered", "recovery", "journal"];
    case "setting":
      return [event.what, "normal"];
    default:
      return null;
  }
}
