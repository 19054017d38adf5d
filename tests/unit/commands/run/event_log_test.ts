import { assertEquals, assertStringIncludes } from "@std/assert";
import { EventLog } from "../../../../src/commands/run/event_log.ts";
import type { AppState, InstanceRef, RollEvent } from "../../../../src/roll/events.ts";
import { recordingLog } from "../../platform/recording_log.ts";

const V1: InstanceRef = { key: "i1", id: "v1", port: 9101, pid: 11 };
const V2: InstanceRef = { key: "i2", id: "v2", port: 9102, pid: 12 };

/** Lets a log hear `events`; tells how loud each became. */
function levels(...events: RollEvent[]): string[] {
  const log = recordingLog();
  const eventLog = new EventLog(log);
  for (const event of events) eventLog.observe(event);
  return log.entries.map(({ level }) => level);
}

Deno.test("the beginning of the end is said aloud, other states are not", () => {
  const state = (state: AppState): RollEvent => ({
    type: "state",
    state,
    was: "serving",
    detail: "x",
  });
  assertEquals(levels(state("rolling"), state("stopping"), state("stopped")), [
    "debug",
    "info",
    "debug",
  ]);
});

function said(event: RollEvent): { level: string; message: string; properties: unknown } {
  const log = recordingLog();
  new EventLog(log).observe(event);
  return log.entries[0]!;
}

const failed = (detail: string): RollEvent => ({ type: "check.failed", step: "pull", detail });
const unchanged: RollEvent = { type: "check.unchanged", id: "v1" };
const quarantined = (failures: number, retryInMs: number): RollEvent => {
  return { type: "check.quarantined", id: "v2", failures, retryInMs };
};
const busy = (port: number, holder: string): RollEvent => ({
  type: "port.busy",
  roll: 2,
  id: "v2",
  port,
  holder,
});
const unwell = (instance: InstanceRef, detail: string): RollEvent => {
  return { type: "probe.failed", instance, detail };
};
const refused: RollEvent = {
  type: "roll.failed",
  roll: 3,
  id: "v2",
  reason: "exited",
  detail: "it exited with code 1 before it was healthy",
  lastLines: ["starting", "no database"],
  retryInMs: 30_000,
};

const EVERY: [RollEvent, string, string][] = [
  [
    { type: "state", state: "serving", was: "starting", detail: "serving v1" },
    "debug",
    "serving: serving v1",
  ],
  [{ type: "check.started", trigger: "forced" }, "debug", "Looking for a version (forced)"],
  [unchanged, "debug", "v1 is still the newest version"],
  [failed("exit status 1"), "warn", "The pull command failed: exit status 1"],
  [
    quarantined(2, 60_000),
    "warn",
    "v2 is in quarantine (2 failures), next try in 60s at the earliest",
  ],
  [
    { type: "check.unstable_id", ids: ["a", "b"] },
    "warn",
    "Every check names another id: does the id command print the time, or something random?",
  ],
  [busy(9101, "pid 7 (nginx)"), "warn", "Port 9101 is held by pid 7 (nginx), cannot start there"],
  [
    { type: "roll.started", roll: 1, trigger: "start", from: null, to: "v1" },
    "info",
    "Roll 1 to v1 began (first start)",
  ],
  [
    { type: "roll.started", roll: 2, trigger: "interval", from: "v1", to: "v2" },
    "info",
    "Roll 2 to v2 began (new version, from v1)",
  ],
  [{ type: "roll.candidate", roll: 2, instance: V2 }, "info", "Roll 2: v2@9102 started, pid 12"],
  [unwell(V2, "status 503"), "info", "v2@9102 is not healthy yet: status 503"],
  [
    { type: "roll.switched", roll: 2, instance: V2, from: "v1" },
    "info",
    "Roll 2: requests go to v2@9102 now",
  ],
  [
    { type: "roll.succeeded", roll: 2, id: "v2", durationMs: 1_234 },
    "info",
    "Roll 2 to v2 succeeded in 1.23s",
  ],
  [
    refused,
    "error",
    "Roll 3: v2 refused, it exited with code 1 before it was healthy; next try in 30s at the earliest, " +
    "on a new id or on SIGHUP. Its last lines:\nstarting\nno database",
  ],
  [
    { ...refused, lastLines: [], retryInMs: null },
    "error",
    "Roll 3: v2 refused, it exited with code 1 before it was healthy",
  ],
  [
    { type: "roll.interrupted", roll: 4, id: "v2", reason: "liveroll is stopping" },
    "info",
    "Roll 4 to v2 was called off: liveroll is stopping",
  ],
  [
    {
      type: "instance.exited",
      instance: V1,
      exit: { code: 3, signal: null },
      lastLines: ["out of memory"],
    },
    "error",
    "v1@9101 exited with code 3 while it served. Its last lines:\nout of memory",
  ],
  [
    {
      type: "instance.exited",
      instance: V1,
      exit: { code: 137, signal: "SIGKILL" },
      lastLines: [],
    },
    "error",
    "v1@9101 was ended by SIGKILL while it served",
  ],
  [
    { type: "restart.scheduled", id: "v1", crashes: 1, inMs: 0, crashLoop: false },
    "warn",
    "v1 is down, starting it again",
  ],
  [
    { type: "restart.scheduled", id: "v1", crashes: 3, inMs: 1_000, crashLoop: false },
    "warn",
    "v1 is down, next start in 1.00s",
  ],
  [
    { type: "restart.scheduled", id: "v1", crashes: 7, inMs: 16_000, crashLoop: true },
    "error",
    "Crash loop: v1 failed 7 times in a row, next start in 16s",
  ],
  [
    { type: "drained", instance: V1, finished: 3, cut: 0, durationMs: 250 },
    "info",
    "v1@9101 drained in 0.25s: 3 requests finished, 0 were cut",
  ],
  [
    { type: "drained", instance: V1, finished: 3, cut: 1, durationMs: 30_000 },
    "warn",
    "v1@9101 drained in 30s: 3 requests finished, 1 were cut",
  ],
  [
    { type: "instance.stopped", instance: V1, outcome: "already_gone", durationMs: 0 },
    "info",
    "v1@9101: already gone after 0.00s",
  ],
  [
    { type: "instance.stopped", instance: V1, outcome: "survived", durationMs: 10_000 },
    "error",
    "v1@9101: survived after 10s",
  ],
];

for (const [event, level, message] of EVERY) {
  Deno.test(`${event.type} says "${message.split("\n")[0]}"`, () => {
    const entry = said(event);
    assertEquals([entry.level, entry.message], [level, message]);
  });

  Deno.test(`the facts of ${event.type} are there for machines ("${message.split("\n")[0]}")`, () => {
    const { type, ...facts } = event;
    assertEquals(said(event).properties, { event: type, ...facts });
  });
}

Deno.test("a check that fails again and again for the same reason is told aloud once", () => {
  assertEquals(levels(failed("a"), failed("a"), failed("a")), ["warn", "debug", "debug"]);
});

Deno.test("a check that fails for another reason is news", () => {
  assertEquals(levels(failed("a"), failed("a"), failed("b")), ["warn", "debug", "warn"]);
});

Deno.test("a check that fails again after one that succeeded is news", () => {
  assertEquals(levels(failed("a"), unchanged, failed("a")), ["warn", "debug", "warn"]);
  assertEquals(levels(failed("a"), quarantined(1, 1), failed("a")), ["warn", "warn", "warn"]);
});

Deno.test("B18 a quarantine is told aloud once, however often it is met", () => {
  assertEquals(levels(quarantined(1, 20_000), quarantined(1, 10_000)), ["warn", "debug"]);
});

Deno.test("B18 a quarantine after one more failure is news", () => {
  assertEquals(levels(quarantined(1, 10_000), quarantined(2, 60_000)), ["warn", "warn"]);
});

Deno.test("a port held by the same stranger is told aloud once", () => {
  assertEquals(levels(busy(9101, "a"), busy(9101, "a"), busy(9101, "b"), busy(9102, "b")), [
    "warn",
    "debug",
    "warn",
    "warn",
  ]);
});

Deno.test("probes that fail for the same reason are told aloud once", () => {
  assertEquals(levels(unwell(V2, "a"), unwell(V2, "a"), unwell(V2, "b"), unwell(V2, "b")), [
    "info",
    "debug",
    "info",
    "debug",
  ]);
});

Deno.test("probes of another instance that fail are news, even if both are of one version", () => {
  assertEquals(levels(unwell(V2, "a"), unwell({ ...V2, key: "i3" }, "a")), ["info", "info"]);
});

Deno.test("two candidates at a time are each told of once", () => {
  const both = [unwell(V1, "refused"), unwell(V2, "refused")];
  assertEquals(levels(...both, ...both, ...both), [
    "info",
    "info",
    "debug",
    "debug",
    "debug",
    "debug",
  ]);
});

Deno.test("what is repeated at a low voice is still said in full", () => {
  const log = recordingLog();
  const eventLog = new EventLog(log);
  for (let i = 0; i < 2; i++) eventLog.observe(failed("exit status 1"));
  const [first, second] = log.entries;
  assertEquals([second?.message, second?.properties], [first?.message, first?.properties]);
});

Deno.test("a refusal and a crash are never repeats", () => {
  assertEquals(levels(refused, refused), ["error", "error"]);
});

Deno.test("the last lines of a refused version are in the message", () => {
  assertStringIncludes(said(refused).message, "\nno database");
});
