import type { Trigger } from "./events.ts";
import type { Answer } from "./orders.ts";
import type { Plan } from "./plan.ts";
import type { Updater } from "./updater.ts";

/** An order that is not taken. */
export type Refusal = Extract<Answer, { accepted: false }>;

/** What an order comes to, before anything is done. */
export type Verdict =
  | { do: "refuse"; answer: Refusal }
  | { do: "unchanged"; id: string }
  | { do: "check"; trigger: Trigger; force: boolean }
  | { do: "roll"; id: string; trigger: Trigger };

/** What a verdict means for those who only want to know. */
export function planOf(verdict: Verdict, updater: Updater): Plan {
  switch (verdict.do) {
    case "refuse":
      return nothing(updater, "refused", null, verdict.answer.detail);
    case "unchanged":
      return nothing(updater, "unchanged", verdict.id, `${verdict.id} runs already`);
    case "roll": {
      const { id, trigger } = verdict;
      return roll(updater, "roll", { id, trigger, force: true }, `rolls to ${id}`);
    }
    case "check":
      return check(verdict, updater);
  }
}

function check(
  { trigger, force }: Extract<Verdict, { do: "check" }>,
  updater: Updater,
): Plan {
  const { checks, runningId } = updater;
  const id = namedLast(updater);
  if (id === null) {
    return nothing(updater, "check", null, "asks the source, and rolls to what it names");
  }
  const sofar = `asks the source; as of the last check it names ${id}`;
  if (id === runningId && !force) {
    return nothing(updater, "check", id, `${sofar}, which runs already`);
  }
  const wait = checks.hasSeen(id) ? checks.obstacle(id, { trigger, force, requests: [] }) : null;
  // A retry forgets these.
  const isForgotten = trigger === "retry" && /^(quarantined|skipped)$/.test(wait?.obstacle ?? "");
  if (wait === null || isForgotten) return roll(updater, "check", { id, trigger, force }, sofar);
  return { ...nothing(updater, "check", id, `${sofar}: ${wait.detail}`), obstacle: wait.obstacle };
}

function roll(
  updater: Updater,
  action: "check" | "roll",
  { id, trigger, force }: { id: string; trigger: Trigger; force: boolean },
  detail: string,
): Plan {
  const outlook = updater.outlook({ id, trigger, force, requests: [], roll: null });
  return { ...nothing(updater, action, id, detail), ...outlook };
}

function nothing(
  updater: Updater,
  action: Plan["action"],
  to: string | null,
  detail: string,
): Plan {
  const { runningId: from } = updater;
  const known = to !== null && updater.knows(to);
  return { action, detail, from, to, obstacle: null, known, ...updater.outlook(null) };
}

function namedLast({ checks: { last } }: Updater): string | null {
  if (last === null || last.result.outcome === "failed") return null;
  return last.result.outcome === "found" ? last.result.found.id : last.result.id;
}
