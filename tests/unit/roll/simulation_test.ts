import { assertEquals } from "@std/assert";
import { simulateMany } from "../../simulation/crew.ts";
import { minimalTrace } from "../../simulation/minimal_trace.ts";
import { simulate } from "../../simulation/simulate.ts";

const SEEDS = 10_000;

/** Two are on every machine. */
const JOBS = 2;

/** What has to happen in some of the lives, or they prove nothing. */
const EXERCISED = [
  "kills of liveroll",
  "power cuts",
  "damaged databases",
  "torn writes",
  "journal.failed",
  "journal.recovered",
  "instance.adopted",
  "instance.leftover",
  "instance.exited",
  "instance.unhealthy",
  "instance.warm",
  "roll.failed",
  "roll.rolled_back",
  "roll.interrupted",
  "restart.scheduled",
  "check.failed",
  "check.quarantined",
  "port.busy",
  "turn.waiting",
  "storm other host",
  "storm fleet store",
  "storm lost turn",
  "sniped ports",
  "hook.ended",
  "requests cut",
  "storm jump",
  "crashes in calm weather",
  "HUP",
  "USR2",
  "TERM",
  "order update accepted",
  "order update busy",
  "order rollback accepted",
  "order rollback conflict",
  "order retry accepted",
  "order pin accepted",
  "order pin unavailable",
  "setting pause",
  "setting pause refused",
  "setting hold",
  "setting maintenance",
  "setting skip",
  ...[
    "write",
    "start",
    "switch",
    "stop",
    "drain",
    "probe",
    "tell",
    "find",
    "hook",
    "latest",
    "turn",
  ]
    .flatMap((deed) => ["before", "during", "after"].map((moment) => `killed ${moment} ${deed}`)),
];

Deno.test(`${SEEDS} seeded lives, with many deaths, keep every promise`, async (t) => {
  const { counts, failures } = await simulateMany({ from: 1, seeds: SEEDS }, { jobs: JOBS });
  const [first] = failures;
  if (first !== undefined) {
    throw new Error(`${failures.length} seeds fail, among them\n${await minimalTrace(first.seed)}`);
  }
  await t.step("and nothing of what can happen is left out", () => {
    assertEquals(EXERCISED.filter((what) => counts.get(what) === 0), []);
  });
});

Deno.test("the same seed lives the same lives again", async () => {
  for (const seed of [7, 8, 9]) {
    assertEquals((await simulate(seed)).trace.lines(), (await simulate(seed)).trace.lines());
  }
});
