import { assertEquals } from "@std/assert";
import { RollSpans } from "../../../src/metrics/roll_spans.ts";
import type { RollEvent } from "../../../src/roll/events.ts";
import type { PhaseRecord } from "../../../src/roll/journal.ts";
import { fakeTracer } from "./fake_tracer.ts";

const ERROR = 2;
const INSTANCE = { key: "i1", id: "v1", port: 1, pid: 2 };

function started(roll: number, to = "v1"): RollEvent {
  return { type: "roll.started", roll, trigger: "start", from: null, to };
}

function phaseEnded(
  roll: number,
  name: PhaseRecord["name"],
  outcome: PhaseRecord["outcome"] = "succeeded",
): RollEvent {
  return {
    type: "roll.phase_ended",
    roll,
    phase: { name, startedAt: 1_000, durationMs: 250, outcome },
  };
}

function succeeded(roll: number): RollEvent {
  return { type: "roll.succeeded", roll, id: "v1", durationMs: 1 };
}

/** The spans of a life in which `events` happened, right before its end. */
function spansOf(...events: RollEvent[]) {
  const { tools, spans } = fakeTracer();
  const rolls = new RollSpans(tools);
  for (const event of events) rolls.observe(event);
  return { spans, rolls };
}

Deno.test("a roll is a span of its own with its phases inside, at the times that they had", () => {
  const { spans } = spansOf(
    started(1),
    phaseEnded(1, "start"),
    phaseEnded(1, "gate"),
    succeeded(1),
  );
  assertEquals(spans.map(({ name, parent }) => [name, parent]), [
    ["roll", null],
    ["start", "roll"],
    ["gate", "roll"],
  ]);
  assertEquals(spans[0]?.attributes, {
    "liveroll.app": "blog",
    "liveroll.roll": 1,
    "liveroll.trigger": "start",
    "liveroll.from": "",
    "liveroll.to": "v1",
    "liveroll.outcome": "succeeded",
  });
  assertEquals([spans[1]?.startedAt, spans[1]?.endedAt], [1_000, 1_250]);
  assertEquals(spans.map(({ isEnded, status }) => [isEnded, status]), Array(3).fill([true, null]));
});

Deno.test("a phase that ends after its roll is still inside of it", () => {
  const { spans } = spansOf(started(1), succeeded(1), phaseEnded(1, "drain"));
  assertEquals(spans.map(({ name, parent }) => [name, parent]), [["roll", null], [
    "drain",
    "roll",
  ]]);
});

Deno.test("two rolls at a time keep their phases apart", () => {
  const { spans } = spansOf(started(1, "v1"), started(2, "v2"), phaseEnded(1, "drain"));
  assertEquals(spans.map(({ name }) => name), ["roll", "roll", "drain"]);
  assertEquals(spans[0]?.attributes["liveroll.to"], "v1");
  assertEquals(spans[1]?.attributes["liveroll.to"], "v2");
});

for (
  const [outcome, event] of Object.entries<RollEvent>({
    failed: {
      type: "roll.failed",
      roll: 1,
      id: "v1",
      reason: "exited",
      detail: "it is bad",
      lastLines: [],
      retryInMs: 1,
    },
    rolled_back: {
      type: "roll.rolled_back",
      roll: 1,
      id: "v1",
      to: "v0",
      detail: "it is bad",
      lastLines: [],
    },
  })
) {
  Deno.test(`a roll that is ${outcome} is an error with its reason`, () => {
    const { spans: [span] } = spansOf(started(1), event);
    assertEquals(span?.attributes["liveroll.outcome"], outcome);
    assertEquals([span?.status, span?.message, span?.isEnded], [ERROR, "it is bad", true]);
  });
}

Deno.test("a roll that was interrupted is no error, and has its reason", () => {
  const event: RollEvent = { type: "roll.interrupted", roll: 1, id: "v1", reason: "stopping" };
  const { spans: [span] } = spansOf(started(1), event);
  assertEquals([span?.status, span?.isEnded], [null, true]);
  assertEquals(span?.attributes["liveroll.outcome"], "interrupted");
  assertEquals(span?.attributes["liveroll.detail"], "stopping");
});

Deno.test("only a phase that failed is an error", () => {
  const { spans } = spansOf(
    started(1),
    phaseEnded(1, "start"),
    phaseEnded(1, "gate", "failed"),
    phaseEnded(1, "watch", "interrupted"),
  );
  assertEquals(spans.slice(1).map(({ status }) => status), [null, ERROR, null]);
});

Deno.test("a roll that had to wait for its port or its turn goes on in the same span", () => {
  const { spans } = spansOf(
    started(1),
    { type: "port.busy", roll: 1, id: "v1", port: 1, holder: "somebody" },
    started(1),
    { type: "turn.waiting", roll: 1, id: "v1", detail: "web1:8080 rolls" },
    { type: "roll.candidate", roll: 1, instance: INSTANCE },
    { type: "roll.switched", roll: 1, instance: INSTANCE, from: null },
    succeeded(1),
  );
  const marks = ["port.busy", "turn.waiting", "candidate", "switched"];
  assertEquals(spans.map(({ events }) => events), [marks]);
});

Deno.test("what belongs to a roll of a former life is left alone", () => {
  assertEquals(spansOf(phaseEnded(7, "watch"), succeeded(7)).spans, []);
});

Deno.test("what has not ended ends with liveroll, and nothing ends twice", () => {
  const { spans, rolls } = spansOf(started(1), succeeded(1), started(2));
  rolls[Symbol.dispose]();
  assertEquals(spans.map(({ isEnded }) => isEnded), [true, true]);
});

Deno.test("of a thousand rolls only the newest are remembered", () => {
  const rolls = Array.from({ length: 1_000 }, (_, index) => [started(index), succeeded(index)]);
  const { spans } = spansOf(...rolls.flat(), phaseEnded(0, "drain"), phaseEnded(999, "drain"));
  assertEquals(spans.length, 1_001);
});
