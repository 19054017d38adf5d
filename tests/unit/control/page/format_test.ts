import { assertEquals } from "@std/assert";
import {
  ago,
  calmDuration,
  containersText,
  duration,
  plural,
  rate,
} from "../../../../src/control/page/format.js";
import { niceCeiling } from "../../../../src/control/page/scale.js";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

Deno.test("a length of time has two units at most", () => {
  const cases: [number, string][] = [
    [-5, "0 ms"],
    [0.4, "0 ms"],
    [999, "999 ms"],
    [1_340, "1.3 s"],
    [12_900, "12 s"],
    [60 * SECOND, "1 min"],
    [65 * SECOND, "1 min 5 s"],
    [HOUR + 30 * SECOND, "1 h"],
    [26 * HOUR, "1 d 2 h"],
  ];
  for (const [ms, text] of cases) assertEquals(duration(ms), text);
});

Deno.test("a length of time that runs has no seconds when it is long", () => {
  assertEquals(calmDuration(999), "0 s");
  assertEquals(calmDuration(9 * MINUTE + 59_900), "9 min 59 s");
  assertEquals(calmDuration(35 * MINUTE + 46_000), "35 min");
});

Deno.test("a distance from now tells past from future", () => {
  assertEquals([ago(400), ago(-400), ago(12_000), ago(-90_000)], [
    "now",
    "now",
    "12 s ago",
    "in 1 min 30 s",
  ]);
});

Deno.test("numbers are as exact as it matters", () => {
  assertEquals([rate(0), rate(3.14), rate(1_234.5)], ["0", "3.1", "1,235"]);
  assertEquals([plural(1, "time"), plural(2_000, "time")], ["1 time", "2,000 times"]);
});

Deno.test("a scale ends at a round number that is not too small", () => {
  const values = [0, 0.2, 1, 1.1, 2, 4, 7, 19, 64, 101, 5_001];
  assertEquals(values.map(niceCeiling), [1, 1, 1, 2, 2, 5, 10, 20, 100, 200, 10_000]);
});

Deno.test("containers that are not well are named, with what is known of their ends", () => {
  const facts = { id: "0", port: null, startedAt: null, restarts: 0, lastEnd: null } as const;
  const lastEnd = { code: 137, outOfMemory: true, at: null };
  const containers = [
    { ...facts, name: "web-0", state: "well", lastEnd },
    { ...facts, name: "web-1", state: "ended", lastEnd },
    { ...facts, name: "web-2", state: "starting", lastEnd: { ...lastEnd, outOfMemory: false } },
    { ...facts, name: "job-0", state: "done", lastEnd },
    { ...facts, name: "web-3", state: "removed" },
  ] as const;
  const text = containersText({ wanted: 5, well: 2, containers: [...containers] });
  assertEquals(
    text,
    "2 of 5 well; web-1: ended, code 137, out of memory; web-2: starting, code 137; web-3: removed",
  );
  assertEquals(containersText({ wanted: 1, well: 1, containers: [] }), "1 of 1 well");
});
