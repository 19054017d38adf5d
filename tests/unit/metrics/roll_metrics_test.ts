import { assertEquals } from "@std/assert";
import { RollMetrics } from "../../../src/metrics/roll_metrics.ts";
import type { LastCheck } from "../../../src/roll/checks.ts";
import type { RollEvent } from "../../../src/roll/events.ts";

const INSTANCE = { key: "i1", id: "v1", port: 1, pid: 2 };

/** Counts of a life in which `events` happened. */
function counted(...events: RollEvent[]) {
  const metrics = new RollMetrics({
    lastCheck: () => null,
    date: () => 5_000,
    lastRollSuccessAt: 7,
  });
  for (const event of events) metrics.observe(event);
  return metrics.counts();
}

function found(id: string): LastCheck["result"] {
  const found = { id, trigger: "interval", force: false, requests: [], roll: null } as const;
  return { outcome: "found", found };
}

const STARTED: RollEvent = { type: "check.started", trigger: "interval" };

Deno.test("the state is starting until another one is told", () => {
  assertEquals(counted().state, "starting");
  const event: RollEvent = { type: "state", state: "serving", was: "starting", detail: "" };
  assertEquals(counted(event).state, "serving");
});

Deno.test("rolls are counted by the outcome that they had", () => {
  const lastLines: string[] = [];
  const { rolls } = counted(
    { type: "roll.started", roll: 1, trigger: "start", from: null, to: "v1" },
    { type: "roll.succeeded", roll: 1, id: "v1", durationMs: 1 },
    {
      type: "roll.failed",
      roll: 2,
      id: "v2",
      reason: "exited",
      detail: "",
      lastLines,
      retryInMs: 1,
    },
    { type: "roll.rolled_back", roll: 3, id: "v3", to: "v1", detail: "", lastLines },
    { type: "roll.rolled_back", roll: 4, id: "v4", to: "v1", detail: "", lastLines },
    { type: "roll.interrupted", roll: 5, id: "v5", reason: "" },
  );
  assertEquals(rolls, { succeeded: 1, failed: 1, rolled_back: 2, interrupted: 1, skipped: 0 });
});

Deno.test("a roll succeeded last in a former life, until one does in this", () => {
  assertEquals(counted().lastRollSuccessAt, 7);
  const event: RollEvent = { type: "roll.succeeded", roll: 1, id: "v1", durationMs: 1 };
  assertEquals(counted(event).lastRollSuccessAt, 5_000);
});

Deno.test("phases are counted in seconds, each by itself", () => {
  const phase = { name: "gate", startedAt: 0, durationMs: 1_500, outcome: "failed" } as const;
  const { phases } = counted({ type: "roll.phase_ended", roll: 1, phase });
  const seen = phases.filter(({ histogram }) => histogram.count > 0);
  assertEquals(seen.map(({ phase }) => phase), ["gate"]);
  assertEquals(seen[0]?.histogram.sum, 1.5);
});

Deno.test("a phase of an hour is counted above the last bound", () => {
  const phase = {
    name: "drain",
    startedAt: 0,
    durationMs: 3_600_000,
    outcome: "succeeded",
  } as const;
  const { phases } = counted({ type: "roll.phase_ended", roll: 1, phase });
  const drain = phases.find(({ phase }) => phase === "drain");
  assertEquals(drain?.histogram.buckets.at(-1), 1);
  assertEquals(drain?.histogram.bounds.at(-1), Infinity);
});

Deno.test("crashes and errors of checks are counted", () => {
  const exit = { code: 1, signal: null };
  const counts = counted(
    { type: "instance.exited", instance: INSTANCE, exit, lastLines: [] },
    { type: "check.failed", step: "pull", detail: "" },
    { type: "check.failed", step: "pull", detail: "" },
    { type: "check.failed", step: "id", detail: "" },
  );
  assertEquals(counts.crashes, 1);
  assertEquals(counts.checkErrors, { pull: 2, id: 1, registry: 0 });
});

Deno.test("every check is counted once, also one whose outcome nobody told", () => {
  let last: LastCheck | null = null;
  const metrics = new RollMetrics({ lastCheck: () => last, date: () => 0, lastRollSuccessAt: 0 });
  metrics.observe(STARTED);
  assertEquals(metrics.counts().checks, { unchanged: 0, found: 0, waiting: 0, failed: 0 });
  last = { at: 1_000, result: { outcome: "unchanged", id: "v1" } };
  metrics.observe(STARTED);
  last = { at: 2_000, result: found("v1") };
  metrics.counts();
  metrics.counts();
  metrics.observe(STARTED);
  const wait = { obstacle: "paused", detail: "", waitMs: null } as const;
  last = { at: 3_000, result: { outcome: "waits", id: "v2", wait } };
  metrics.observe(STARTED);
  last = { at: 4_000, result: { outcome: "failed", detail: "no" } };
  const counts = metrics.counts();
  assertEquals(counts.checks, { unchanged: 1, found: 1, waiting: 1, failed: 1 });
  assertEquals(counts.lastCheckSuccessAt, 3_000);
});

Deno.test("containers that died are counted by whether memory was the reason", () => {
  const died = { type: "container.died", instance: INSTANCE, container: "web-0", code: 1 } as const;
  const back: RollEvent = { type: "container.back", instance: INSTANCE, container: "web-0" };
  const { containerDeaths } = counted(
    { ...died, outOfMemory: true },
    back,
    { ...died, outOfMemory: false },
    { ...died, outOfMemory: true },
  );
  assertEquals(containerDeaths, { false: 1, true: 2 });
});
