import { assert, assertEquals } from "@std/assert";
import { EventHub } from "../../../../src/commands/run/event_hub.ts";
import { EventLog } from "../../../../src/commands/run/event_log.ts";
import {
  historyEntry,
  type Records,
  rollDetails,
  RunningOperator,
} from "../../../../src/commands/run/operator.ts";
import { OutputRing } from "../../../../src/commands/run/output_ring.ts";
import { StatusBoard } from "../../../../src/commands/run/status.ts";
import { Counters } from "../../../../src/proxy/counters.ts";
import type { RollRecord } from "../../../../src/roll/journal.ts";
import type { LoggedEvent } from "../../../../src/roll/logged_event.ts";
import { recordingLog } from "../../platform/recording_log.ts";
import { Life } from "../../roll/fair_world.ts";

const RECORD: RollRecord = {
  roll: 3,
  at: Date.UTC(2026, 0, 2),
  trigger: "webhook",
  from: "v1",
  to: "v2",
  outcome: "failed",
  detail: "it exited",
  durationMs: 1_234,
  lastLines: ["bye"],
  phases: [
    { name: "port", startedAt: Date.UTC(2026, 0, 3), durationMs: 5, outcome: "succeeded" },
    { name: "gate", startedAt: Date.UTC(2026, 0, 4), durationMs: 6, outcome: "interrupted" },
  ],
};

const EVENT: LoggedEvent = {
  at: "2026-01-02T00:00:00.000Z",
  level: "info",
  message: "v1 is still the newest version",
  event: { type: "check.unchanged", id: "v1" },
};

const ENTRY = {
  id: 3,
  at: "2026-01-02T00:00:00.000Z",
  trigger: "webhook",
  from: "v1",
  to: "v2",
  outcome: "failed",
  durationMs: 1_234,
  phases: [
    { name: "port", startedAt: "2026-01-03T00:00:00.000Z", durationMs: 5, outcome: "succeeded" },
    { name: "gate", startedAt: "2026-01-04T00:00:00.000Z", durationMs: 6, outcome: "interrupted" },
  ],
  detail: "it exited",
} as const;

Deno.test("a roll as the history tells it: times in ISO, without its output", () => {
  assertEquals(historyEntry(RECORD), { ...ENTRY, phases: [...ENTRY.phases] });
});

Deno.test("a roll in full: with its last lines and everything that was told of it", () => {
  assertEquals(rollDetails(RECORD, [EVENT]), {
    ...ENTRY,
    phases: [...ENTRY.phases],
    lastLines: ["bye"],
    events: [EVENT],
  });
});

Deno.test("a roll under way has neither outcome nor duration yet", () => {
  const open = { ...RECORD, outcome: null, durationMs: null, detail: "", phases: [] };
  const { outcome, durationMs, phases } = historyEntry(open);
  assertEquals([outcome, durationMs, phases], [null, null, []]);
});

/** An operator of a life in which `v1` serves. */
async function setUp() {
  const life = new Life();
  const hub = new EventHub({
    log: new EventLog(recordingLog()),
    date: () => life.world.date(),
    keeper: { add: () => {} },
    redact: (event) => event,
    onError: (error) => life.world.violate(String(error)),
  });
  const output = new OutputRing(() => life.world.date());
  const board = new StatusBoard({
    app: "blog",
    stateDir: "/var/lib/blog",
    listen: ["127.0.0.1:8080"],
    sockets: () => ({ from: [], passedBy: [], problem: null }),
    updater: life.updater,
    counters: () => new Counters().snapshot(),
    rolls: () => ({ succeeded: 1, failed: 0, rolled_back: 0, interrupted: 0, skipped: 0 }),
    stateProblem: () => null,
    dataProblem: () => null,
    clock: life.world.clock,
    date: life.world.date,
  });
  const asked: unknown[] = [];
  const records: Records = {
    history: (options) => {
      asked.push(options);
      return [RECORD];
    },
    roll: (roll) => roll === 3 ? RECORD : null,
    newest: (options) => {
      asked.push(options);
      return [EVENT];
    },
    ofRoll: (roll) => {
      asked.push(roll);
      return [EVENT];
    },
  };
  const traffic = { stepSeconds: 5, points: [] };
  const report = { findings: [], fixed: ["everything"] };
  const operator = new RunningOperator({
    desk: life.desk,
    updater: life.updater,
    find: (name) => {
      if (name === "down") return Promise.reject(new Error("hunter2 is not let in"));
      return Promise.resolve(name === "gone" ? null : name === "tag" ? "tag@1" : name);
    },
    board,
    hub,
    output,
    records,
    notes: ({ to }) => [`${to} brings hunter2`],
    redact: (text) => text.replaceAll("hunter2", "***"),
    metrics: () => "# metrics\n",
    traffic: () => traffic,
    upgrade: (binary) => {
      asked.push(binary);
      return Promise.resolve({ pid: 4711 });
    },
    doctor: (options) => {
      asked.push(options);
      return Promise.resolve(report);
    },
  });
  await life.serve("v1");
  return { life, hub, output, operator, asked, traffic, report };
}

Deno.test("records are handed on as they are asked for", async () => {
  const { life, operator, asked } = await setUp();
  assertEquals(operator.history({ limit: 7 }).map(({ id }) => id), [3]);
  assertEquals(operator.roll(3)?.events, [EVENT]);
  assertEquals(operator.roll(4), null);
  assertEquals(operator.decisions({ limit: 9 }), [EVENT]);
  assertEquals(asked, [{ limit: 7 }, 3, { limit: 9 }]);
  await life.end();
});

Deno.test("what others know is handed on as it is", async () => {
  const { life, operator, asked, traffic, report } = await setUp();
  assertEquals([operator.metrics(), operator.status().app], ["# metrics\n", "blog"]);
  assert(operator.traffic() === traffic);
  assert(await operator.doctor({ fix: true }) === report);
  assertEquals(asked, [{ fix: true }]);
  await life.end();
});

Deno.test("events and output reach whoever listens, until disposed of", async () => {
  const { life, operator, hub, output } = await setUp();
  const heard: string[] = [];
  const events = operator.onEvent(({ event }) => heard.push(event.type));
  const lines = operator.onOutput(({ line }) => heard.push(line));
  const line = { key: "i1", id: "v1", port: 9101, stream: "stdout", line: "hello" } as const;
  for (let i = 0; i < 2; i++) {
    hub.observe(EVENT.event);
    output.push(line);
    events[Symbol.dispose]();
    lines[Symbol.dispose]();
  }
  assertEquals(heard, ["check.unchanged", "hello"]);
  assertEquals(operator.output({ roll: 1, limit: 9 }).length, 2);
  await life.end();
});

Deno.test("an order is taken at the desk, and its request can be asked after", async () => {
  const { life, operator } = await setUp();
  life.publish("v2");
  const answer = await operator.order({ kind: "update", id: null, force: false, by: "command" });
  const request = answer.accepted ? answer.request : 0;
  assertEquals(operator.request(request)?.outcome, null);
  await life.pass(5_000);
  assertEquals(operator.request(request), { request, outcome: "succeeded", roll: 2, detail: "" });
  assertEquals(operator.request(99), null);
  await life.end();
});

Deno.test("a setting holds when that is resolved", async () => {
  const { life, operator } = await setUp();
  await operator.set({ kind: "pause" });
  assertEquals(operator.status().settings.paused, true);
  await life.end();
});

Deno.test("an upgrade is handed on, but not by who is stopping", async () => {
  const { life, operator, asked } = await setUp();
  assertEquals(await operator.upgrade("/opt/new"), { pid: 4711 });
  assertEquals(asked, ["/opt/new"]);
  life.term();
  assertEquals(await operator.upgrade(null), { refused: "liveroll is stopping" });
  await life.end();
});

Deno.test("stop is what TERM is", async () => {
  const { life, operator } = await setUp();
  operator.stop();
  assertEquals(life.updater.isStopping, true);
  await life.end();
});

Deno.test("a name is looked up before a version is rolled to, or pinned", async () => {
  const { life, operator } = await setUp();
  life.world.behave("tag@1");
  const update = (id: string) =>
    operator.order({ kind: "update", id, force: false, by: "command" } as const);
  const refused = { accepted: false, roll: null } as const;
  assertEquals(await update("gone"), {
    ...refused,
    reason: "unknown_version",
    detail: "there is no version gone",
  });
  assertEquals(await operator.order({ kind: "pin", id: "down" }), {
    ...refused,
    reason: "unavailable",
    detail: "nobody can say which version down is: *** is not let in",
  });
  assert((await update("tag")).accepted);
  // What is under way needs nobody to say what is meant.
  assertEquals(await update("gone").then((answer) => !answer.accepted && answer.reason), "busy");
  await life.pass(5_000);
  assertEquals(life.world.of("roll.started").map(({ to }) => to).slice(0, 2), ["v1", "tag@1"]);
  await life.end();
});

Deno.test("a plan has notes, without secrets", async () => {
  const { operator, life } = await setUp();
  const plan = operator.plan({ kind: "pin", id: "v9" });
  assertEquals([plan.to, plan.notes], ["v9", ["v9 brings ***"]]);
  await life.end();
});
