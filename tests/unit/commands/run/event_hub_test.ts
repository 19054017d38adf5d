import { assertEquals } from "@std/assert";
import { EventHub, type EventHubOptions } from "../../../../src/commands/run/event_hub.ts";
import { EventLog } from "../../../../src/commands/run/event_log.ts";
import type { InstanceRef, RollEvent } from "../../../../src/roll/events.ts";
import type { LoggedEvent } from "../../../../src/roll/logged_event.ts";
import { recordingLog } from "../../platform/recording_log.ts";

const WHO: InstanceRef = { key: "i1", id: "v1", port: 9101, pid: 11 };
const UNCHANGED: RollEvent = { type: "check.unchanged", id: "v1" };
const SWITCHED: RollEvent = { type: "roll.switched", roll: 7, instance: WHO, from: null };
const FAILED: RollEvent = { type: "check.failed", step: "pull", detail: "password=hunter2" };

function setUp(options: Partial<EventHubOptions> = {}) {
  const log = recordingLog();
  const kept: { event: LoggedEvent; roll: number | null }[] = [];
  const errors: string[] = [];
  const hub = new EventHub({
    log: new EventLog(log),
    date: () => Date.UTC(2026, 0, 2),
    keeper: { add: (event, roll) => void kept.push({ event, roll }) },
    redact: (event) => event,
    onError: (error) => void errors.push(error instanceof Error ? error.message : String(error)),
    ...options,
  });
  return { hub, log, kept, errors };
}

Deno.test("an event is logged, told with its sentence and time, and kept with its roll", () => {
  const { hub, log, kept } = setUp();
  const told: LoggedEvent[] = [];
  using _ = hub.onEvent((event) => told.push(event));
  hub.observe(SWITCHED);
  const logged: LoggedEvent = {
    at: "2026-01-02T00:00:00.000Z",
    level: "info",
    message: "Roll 7: requests go to v1@9101 now",
    event: SWITCHED,
  };
  assertEquals(told, [logged]);
  assertEquals(kept, [{ event: logged, roll: 7 }]);
  assertEquals(log.messages(), [logged.message]);
});

Deno.test("what belongs to no roll is kept without one, a request that led to none too", () => {
  const { hub, kept } = setUp();
  hub.observe(UNCHANGED);
  hub.observe({ type: "request.ended", request: 1, outcome: "refused", roll: null, detail: "" });
  assertEquals(kept.map(({ roll }) => roll), [null, null]);
});

const CHATTER: RollEvent[] = [
  { type: "check.started", trigger: "interval" },
  { type: "probe.failed", instance: WHO, detail: "status 503" },
  { type: "roll.phase", roll: 7, name: "gate" },
  {
    type: "roll.phase_ended",
    roll: 7,
    phase: { name: "gate", startedAt: 0, durationMs: 1, outcome: "succeeded" },
  },
];

for (const event of CHATTER) {
  Deno.test(`${event.type} is told to whoever listens, and not kept`, () => {
    const { hub, kept } = setUp();
    const told: string[] = [];
    using _ = hub.onEvent(({ event }) => told.push(event.type));
    hub.observe(event);
    assertEquals([told, kept], [[event.type], []]);
  });
}

Deno.test("what says nothing new is told, and kept only once", () => {
  const { hub, kept } = setUp();
  let told = 0;
  using _ = hub.onEvent(() => void told++);
  for (let i = 0; i < 3; i++) hub.observe(UNCHANGED);
  assertEquals([told, kept.length], [3, 1]);
});

Deno.test("secrets are taken out for everybody", () => {
  const { hub, log, kept } = setUp({
    redact: (event) => event.type === "check.failed" ? { ...event, detail: "[redacted]" } : event,
  });
  const observed: RollEvent[] = [];
  const told: RollEvent[] = [];
  hub.addObserver((event) => observed.push(event));
  using _ = hub.onEvent(({ event }) => told.push(event));
  hub.observe(FAILED);
  const everything = JSON.stringify([log.entries, kept, told, observed]);
  assertEquals([everything.includes("hunter2"), everything.includes("[redacted]")], [false, true]);
});

Deno.test("observers hear of an event before it is logged, in the order in which they came", () => {
  const order: string[] = [];
  const { hub, log } = setUp({ keeper: { add: () => order.push("kept") } });
  for (const name of ["first", "second"]) {
    hub.addObserver(() => order.push(`${name}, ${log.entries.length} logged`));
  }
  using _ = hub.onEvent(() => order.push(`listener, ${log.entries.length} logged`));
  hub.observe(SWITCHED);
  assertEquals(order, ["first, 0 logged", "second, 0 logged", "listener, 1 logged", "kept"]);
});

Deno.test("a listener that has been disposed of hears nothing any more, others do", () => {
  const { hub } = setUp();
  const heard: string[] = [];
  const first = hub.onEvent(() => heard.push("first"));
  using _ = hub.onEvent(() => heard.push("second"));
  hub.observe(SWITCHED);
  first[Symbol.dispose]();
  hub.observe(SWITCHED);
  assertEquals(heard, ["first", "second", "second"]);
});

const BROKEN = () => {
  throw new Error("broken");
};

for (const who of ["observer", "listener", "keeper", "redactor", "log"] as const) {
  Deno.test(`a ${who} that throws is reported, and breaks it for nobody else`, () => {
    const options: Partial<EventHubOptions> = who === "keeper"
      ? { keeper: { add: BROKEN } }
      : who === "redactor"
      ? { redact: BROKEN }
      : who === "log"
      ? { log: new EventLog({ ...recordingLog(), info: BROKEN }) }
      : {};
    const { hub, errors } = setUp(options);
    const heard: string[] = [];
    if (who === "observer") hub.addObserver(BROKEN);
    hub.addObserver(() => heard.push("observer"));
    using _ = who === "listener" ? hub.onEvent(BROKEN) : hub.onEvent(() => {});
    using __ = hub.onEvent(() => heard.push("listener"));
    hub.observe(SWITCHED);
    hub.observe(SWITCHED);
    assertEquals(errors, ["broken", "broken"]);
    const hasListener = who === "observer" || who === "listener" || who === "keeper";
    const once = hasListener ? ["observer", "listener"] : ["observer"];
    assertEquals(heard, [...once, ...once]);
  });
}
