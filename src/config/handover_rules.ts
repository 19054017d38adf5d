import type { Subject } from "./assets_rules.ts";
import { type Draft, isAskedFor, isContained, problemWith } from "./draft.ts";
import type { Problem } from "./given.ts";

/** What does not go together with sockets that are handed over. */
export function handoverProblems(draft: Draft, subject: Subject): Problem[] {
  const isProcess = subject === "program" && !isContained(draft);
  const logs = draft.values["child-logs"];
  if (isAskedFor(draft, "handover") && draft.values.join) {
    const complaint = "who hands over is not joined, remove one of them";
    return [problemWith(draft, "join", complaint)];
  }
  if (!isProcess || !isAskedFor(draft, "handover") || logs !== "capture") return [];
  const complaint =
    "children whose output liveroll captures end with it, give --child-logs inherit";
  return [problemWith(draft, "handover", complaint)];
}
