import type { RequestOutcome } from "../../roll/events.ts";
import type { RequestStatus, RollDetails } from "../../control/operator.ts";
import { printable } from "./cell.ts";
import { span } from "./time.ts";

const BAD_ENDS: Record<Exclude<RequestOutcome, "succeeded" | "unchanged">, string> = {
  failed: "refused",
  rolled_back: "rolled back",
  interrupted: "interrupted",
  skipped: "called off",
  refused: "refused",
};

/**
 * How an order ended: one sentence, and under it what a refused version printed last.
 *
 * @param known `roll` and its `version`; null: nothing is known, or there was none. `serves` now;
 * null: nothing; undefined: not known.
 */
export function summaryOf(
  request: RequestStatus,
  { roll, version, serves }: {
    roll: RollDetails | null;
    version: string | null;
    serves: string | null | undefined;
  },
): string[] {
  const { outcome, detail } = request;
  if (outcome === "succeeded" && roll !== null) {
    const took = roll.durationMs === null ? "" : `, ${span(roll.durationMs)}`;
    return [printable(`${roll.to} serves (roll ${roll.id}${took})`)];
  }
  if (outcome === null || outcome === "succeeded") return [printable(detail || "done")];
  if (outcome === "unchanged") return [printable(detail || "nothing to do")];
  const subject = version === null ? "" : `${version} `;
  const reason = roll?.detail || detail;
  const sentence = `${subject}${BAD_ENDS[outcome]}${reason === "" ? "" : `: ${reason}`}`;
  const lines = roll?.lastLines ?? [];
  return [
    printable(`${sentence}${servesText(serves, roll)}`),
    ...lines.map((line) => `  | ${printable(line)}`),
  ];
}

function servesText(serves: string | null | undefined, roll: RollDetails | null): string {
  if (serves === undefined) return "";
  if (serves === null) return "; nothing serves";
  return roll === null || roll.from === serves ? `; ${serves} still serves` : `; ${serves} serves`;
}
