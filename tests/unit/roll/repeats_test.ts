import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { type InstanceRef, type RollEvent, TRIGGERS } from "../../../src/roll/events.ts";
import { Repeats } from "../../../src/roll/repeats.ts";

const I1: InstanceRef = { key: "i1", id: "v1", port: 9101, pid: 1 };
const I2: InstanceRef = { key: "i2", id: "v2", port: 9102, pid: 2 };

const failed = (detail: string): RollEvent => ({ type: "check.failed", step: "pull", detail });
const unchanged = (id: string): RollEvent => ({ type: "check.unchanged", id });
const quarantined = (id: string, failures: number, retryInMs = 1): RollEvent => {
  return { type: "check.quarantined", id, failures, retryInMs };
};
const busy = (port: number, holder: string): RollEvent => {
  return { type: "port.busy", roll: 1, id: "v2", port, holder };
};
const unwell = (instance: InstanceRef, detail: string): RollEvent => {
  return { type: "probe.failed", instance, detail };
};
const waits = (id: string, obstacle: "window" | "paused"): RollEvent => {
  return { type: "update.found", id, from: "v1", waits: { obstacle, detail: "x", until: null } };
};
const found = (id: string): RollEvent => ({ type: "update.found", id, from: "v1", waits: null });
const started = (trigger: (typeof TRIGGERS)[number]): RollEvent => {
  return { type: "roll.started", roll: 1, trigger, from: null, to: "v2" };
};
const candidate: RollEvent = { type: "roll.candidate", roll: 1, instance: I2 };
const stopped = (instance: InstanceRef): RollEvent => {
  return { type: "instance.stopped", instance, outcome: "stopped", durationMs: 1 };
};

/** Which of the events say nothing new. */
function repeated(...events: RollEvent[]): boolean[] {
  const repeats = new Repeats();
  return events.map((event) => repeats.isRepeated(event));
}

const TABLE: [string, RollEvent[], boolean[]][] = [
  ["a check fails again the same way", [failed("a"), failed("a")], [false, true]],
  ["a check fails in another way", [failed("a"), failed("b"), failed("a")], [false, false, false]],
  ["a check fails again after a good one", [failed("a"), unchanged("v1"), failed("a")], [
    false,
    false,
    false,
  ]],
  ["a check fails again after one that found something", [failed("a"), found("v2"), failed("a")], [
    false,
    false,
    false,
  ]],
  [
    "a check fails again after one that named a refused version",
    [failed("a"), quarantined("v2", 1), failed("a")],
    [false, false, false],
  ],
  ["the same version is still the newest", [unchanged("v1"), unchanged("v1")], [false, true]],
  ["another version is still the newest", [unchanged("v1"), unchanged("v2")], [false, false]],
  [
    "the newest version is the same one, with trouble in between",
    [unchanged("v1"), failed("a"), unchanged("v1")],
    [false, false, true],
  ],
  [
    "a version is still in quarantine, however long",
    [quarantined("v2", 1, 9), quarantined("v2", 1, 5)],
    [false, true],
  ],
  [
    "a version has failed once more",
    [quarantined("v2", 1), quarantined("v2", 2)],
    [false, false],
  ],
  ["a version still waits for its window", [waits("v2", "window"), waits("v2", "window")], [
    false,
    true,
  ]],
  ["a version waits for something else now", [waits("v2", "window"), waits("v2", "paused")], [
    false,
    false,
  ]],
  ["another version waits", [waits("v2", "window"), waits("v3", "window")], [false, false]],
  ["a version is rolled to now: always news", [found("v2"), found("v2")], [false, false]],
  [
    "a version waited, was in quarantine, and waits again",
    [waits("v2", "window"), quarantined("v2", 1), waits("v2", "window")],
    [false, false, false],
  ],
  ["a port is still held", [busy(9101, "a"), busy(9101, "a")], [false, true]],
  ["a port is held by somebody else", [busy(9101, "a"), busy(9101, "b")], [false, false]],
  ["another port is held", [busy(9101, "a"), busy(9102, "a")], [false, false]],
  ["a port is held again after a start", [busy(9101, "a"), candidate, busy(9101, "a")], [
    false,
    false,
    false,
  ]],
  ["an instance is still not well", [unwell(I1, "503"), unwell(I1, "503")], [false, true]],
  ["an instance is unwell in another way", [unwell(I1, "503"), unwell(I1, "500")], [false, false]],
  ["two instances are told apart", [unwell(I1, "503"), unwell(I2, "503"), unwell(I1, "503")], [
    false,
    false,
    true,
  ]],
  ["the end of an instance settles it", [unwell(I1, "x"), stopped(I1), unwell(I1, "x")], [
    false,
    false,
    false,
  ]],
  ["the end of another instance does not", [unwell(I1, "x"), stopped(I2), unwell(I1, "x")], [
    false,
    false,
    true,
  ]],
];

for (const [what, events, expected] of TABLE) {
  Deno.test(`${what}: ${expected.at(-1) ? "nothing new" : "news"}`, () => {
    assertEquals(repeated(...events), expected);
  });
}

/** These begin without a word from the source. */
const WITHOUT_SOURCE = ["crash", "liveness", "restart", "rollback", "automatic-rollback", "pin"];

for (const trigger of TRIGGERS) {
  const says = WITHOUT_SOURCE.includes(trigger) ? "says nothing" : "shows that it is well";
  Deno.test(`a roll (${trigger}) ${says} about the source`, () => {
    const last = repeated(failed("down"), started(trigger), failed("down")).at(-1);
    assertEquals(last, WITHOUT_SOURCE.includes(trigger));
  });
}

/** Events of which any may follow any. */
const EVENTS = fc.constantFrom(
  failed("a"),
  failed("b"),
  unchanged("v1"),
  unchanged("v2"),
  quarantined("v2", 1),
  quarantined("v2", 2),
  waits("v2", "window"),
  found("v2"),
  busy(9101, "a"),
  busy(9102, "a"),
  unwell(I1, "x"),
  unwell(I2, "x"),
  started("interval"),
  started("crash"),
  candidate,
  stopped(I1),
);

/** What may come again and again. */
const REPEATABLE: readonly RollEvent["type"][] = [
  "check.failed",
  "check.unchanged",
  "check.quarantined",
  "update.found",
  "port.busy",
  "probe.failed",
];

Deno.test("what was never said before is never a repetition", () => {
  fc.assert(fc.property(fc.array(EVENTS, { maxLength: 40 }), (events) => {
    const repeats = new Repeats();
    const said = new Set<string>();
    for (const event of events) {
      const words = JSON.stringify(event);
      const isRepeated = repeats.isRepeated(event);
      if (!said.has(words)) assert(!isRepeated, words);
      said.add(words);
    }
  }));
});

Deno.test("said twice at once, the second time is a repetition, unless it is always news", () => {
  fc.assert(fc.property(fc.array(EVENTS, { maxLength: 40 }), EVENTS, (events, event) => {
    const repeats = new Repeats();
    for (const one of [...events, event]) repeats.isRepeated(one);
    const isAlwaysNews = !REPEATABLE.includes(event.type) ||
      event.type === "update.found" && event.waits === null;
    assertEquals(repeats.isRepeated(event), !isAlwaysNews);
  }));
});

Deno.test("trouble with one subject never silences another", () => {
  fc.assert(fc.property(fc.array(EVENTS, { maxLength: 40 }), (events) => {
    const aboutSource = (event: RollEvent) =>
      event.type.startsWith("check.") || event.type === "update.found" ||
      event.type === "roll.started";
    const all = new Repeats();
    const alone = new Repeats();
    for (const event of events) {
      const isRepeated = all.isRepeated(event);
      if (aboutSource(event)) assertEquals(isRepeated, alone.isRepeated(event));
    }
  }));
});
