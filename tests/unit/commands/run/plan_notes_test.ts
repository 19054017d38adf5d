import { assertEquals } from "@std/assert";
import { planNotes } from "../../../../src/commands/run/plan_notes.ts";
import type { HoldTimes } from "../../../../src/commands/hold_note.ts";

type Planned = Parameters<typeof planNotes>[0];

const TIMES: HoldTimes = {
  engine: "relay",
  queueTimeoutMs: 30_000,
  drainTimeoutMs: 30_000,
  stopTimeoutMs: 10_000,
  healthTimeoutMs: 60_000,
};
const RECREATE: Planned = { phases: ["drain", "stop", "start"], strategy: "recreate", from: "v1" };
const WHEN = "from the drain to the switch, which may take 1m40s (drain 30s, stop 10s, gate 1m), ";

/** What differs, and what is told. */
const TABLE: [string, Partial<HoldTimes>, string][] = [
  ["requests", {}, "each request waits, and gets 503 after 30s"],
  [
    "requests with the engine fetch",
    { engine: "fetch" },
    "each request waits, and gets 503 after 30s",
  ],
  ["requests that may not wait", { queueTimeoutMs: 0 }, "each request gets 503"],
  ["connections", { engine: "tcp" }, "each connection waits, and is closed after 30s"],
  [
    "connections without a proxy",
    { engine: "direct" },
    "connections wait in the queue of the public socket",
  ],
];

for (const [what, times, fate] of TABLE) {
  Deno.test(`the plan of recreate tells what becomes of ${what}`, () => {
    assertEquals(planNotes(RECREATE, { ...TIMES, ...times }, []), [WHEN + fate]);
  });
}

Deno.test("the work on the data takes its time, too", () => {
  const phases: Planned["phases"] = ["drain", "stop", "migrate", "start"];
  assertEquals(planNotes({ ...RECREATE, phases }, TIMES, []), [
    "from the drain to the switch, which may take 1m40s (drain 30s, stop 10s, gate 1m) and the " +
    "time for the data, each request waits, and gets 503 after 30s",
  ]);
});

Deno.test("where requests do not wait because of the roll, nothing is told of it", () => {
  const others: Partial<Planned>[] = [{ strategy: "blue-green" }, { from: null }, { phases: [] }];
  for (const other of others) assertEquals(planNotes({ ...RECREATE, ...other }, TIMES, []), []);
});

Deno.test("what is lost with each container is told with every roll", () => {
  const lost = ["What is written to /data is lost"];
  const green: Planned = { ...RECREATE, strategy: "blue-green" };
  assertEquals(planNotes(green, TIMES, lost), lost);
  assertEquals(planNotes(RECREATE, TIMES, lost).slice(1), lost);
  assertEquals(planNotes({ ...green, phases: [] }, TIMES, lost), []);
});
