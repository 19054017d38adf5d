import { assertEquals } from "@std/assert";
import { endingOf } from "../../../../src/control/jobs/ending.ts";
import { STATE_OF_PHASE } from "../../../../src/control/jobs/words.ts";
import type { HistoryEntry, RollDetails, Status } from "../../../../src/control/operator.ts";
import type { RollOutcome } from "../../../../src/roll/events.ts";
import { PHASES } from "../../../../src/roll/journal.ts";
import { AT, logged, status } from "../fake_operator.ts";

const SERVES = { id: "v1", pid: 1, port: 2, startedAt: AT, healthySince: AT };
const V1_SERVES: Status = { ...status(), state: "serving", current: SERVES, candidate: null };
const V1_IS_SICK: Status = { ...V1_SERVES, state: "degraded" };
const V2_SERVES: Status = { ...V1_SERVES, current: { ...SERVES, id: "v2" } };
const NOBODY: Status = { ...V1_SERVES, current: null };

/** A roll from `v1` to `v2`. */
function rollOf(
  outcome: RollOutcome,
  phases: readonly string[],
  more: Partial<RollDetails> = {},
): RollDetails {
  return {
    id: 7,
    at: AT,
    trigger: "command",
    from: "v1",
    to: "v2",
    outcome,
    durationMs: 5,
    phases: phases.map((name) => ({ name, startedAt: AT, durationMs: 1, outcome: "succeeded" })),
    detail: "it exited",
    lastLines: [],
    events: [],
    ...more,
  };
}

function backTo(outcome: RollOutcome | null, to = "v1"): HistoryEntry {
  const { lastLines: _, events: __, ...entry } = rollOf("succeeded", []);
  return { ...entry, id: 8, from: "v2", to, outcome };
}

const REFUSED = rollOf("failed", ["port", "start", "gate"]);
const RECREATED = rollOf("failed", ["drain", "stop", "port", "start", "gate"]);
const ROLLED_BACK = rollOf("rolled_back", ["port", "start", "gate", "switch"]);
const KILLED = rollOf("interrupted", ["port", "start"]);
const RECALLED = {
  ...ROLLED_BACK,
  events: [logged({
    type: "roll.switched",
    roll: 7,
    instance: { key: "i1", id: "v1", port: 2, pid: 1 },
    from: "v2",
  })],
};
const BY_HAND = {
  ...ROLLED_BACK,
  events: [logged({
    type: "roll.rolled_back",
    roll: 7,
    id: "v2",
    to: "v0",
    detail: "",
    lastLines: [],
  })],
};

/** What happened, the rolls after it, the status now; the state and the outcome. */
const TABLE: [string, RollDetails, HistoryEntry[], Status, string, string | null][] = [
  ["it serves", rollOf("succeeded", ["switch"]), [], V2_SERVES, "committed", "committed"],
  ["refused at the gate", REFUSED, [], V1_SERVES, "failed", "not touched"],
  ["skipped", rollOf("skipped", ["start", "gate"]), [], V1_SERVES, "failed", "not touched"],
  [
    "skipped while nothing served",
    rollOf("skipped", ["drain", "stop", "start"]),
    [backTo("succeeded")],
    V1_SERVES,
    "rolled_back",
    "restored and healthy",
  ],
  ["refused, and the old one crashed later", REFUSED, [], NOBODY, "failed", "not touched"],
  [
    "the first version ever is refused",
    { ...REFUSED, from: null },
    [],
    NOBODY,
    "failed",
    "not restored: operator needed",
  ],
  ...[RECREATED, ROLLED_BACK].flatMap((roll): typeof TABLE => {
    const name = `${roll.outcome} with the old one out of service`;
    const healthy = "restored and healthy";
    const lost = "not restored: operator needed";
    return [
      [`${name}: it is back`, roll, [backTo("succeeded")], V1_SERVES, "rolled_back", healthy],
      [`${name}: it was back`, roll, [backTo("succeeded")], NOBODY, "rolled_back", healthy],
      [`${name}: on its way`, roll, [backTo(null)], NOBODY, "rolling_back", null],
      [`${name}: it does not start`, roll, [backTo("failed")], NOBODY, "failed", lost],
      [`${name}: nobody brings it back`, roll, [], NOBODY, "failed", lost],
      [`${name}: it is sick`, roll, [], V1_IS_SICK, "failed", "restored, unhealthy"],
    ];
  }),
  ["the bad one serves until it is back", ROLLED_BACK, [], V2_SERVES, "rolling_back", null],
  ["kept warm, recalled", RECALLED, [], NOBODY, "rolled_back", "restored and healthy"],
  [
    "by hand to another one",
    BY_HAND,
    [backTo("succeeded", "v0")],
    NOBODY,
    "rolled_back",
    "restored and healthy",
  ],
  ["a newer order came", KILLED, [backTo(null, "v3")], V1_SERVES, "failed", "not touched"],
  [
    "another one serves",
    ROLLED_BACK,
    [backTo("succeeded", "v3")],
    { ...V1_SERVES, current: { ...SERVES, id: "v3" } },
    "failed",
    "replaced",
  ],
  [
    "killed, and the source names another one",
    KILLED,
    [{ ...backTo("succeeded", "v3"), trigger: "start" }],
    { ...V1_SERVES, current: { ...SERVES, id: "v3" } },
    "failed",
    "replaced",
  ],
  ["killed", KILLED, [backTo("succeeded")], V1_SERVES, "failed", "restored and healthy"],
  [
    "killed, and it does not start",
    KILLED,
    [backTo("failed")],
    NOBODY,
    "failed",
    "not restored: operator needed",
  ],
];

for (const [name, roll, later, now, state, outcome] of TABLE) {
  Deno.test(`a job that ends so: ${name}, is ${state}: ${outcome}`, () => {
    assertEquals(endingOf(roll, { later, status: now }), { state, outcome } as never);
  });
}

Deno.test("every phase of a roll has a word for jobs", () => {
  assertEquals(Object.keys(STATE_OF_PHASE).sort(), [...PHASES].sort());
});
