import { assertEquals } from "@std/assert";
import type { RollDetails } from "../../../../src/control/operator.ts";
import { RollProgress } from "../../../../src/control/page/steps.js";
import type { RollEvent } from "../../../../src/roll/events.ts";
import type { LoggedEvent } from "../../../../src/roll/logged_event.ts";

const START = Date.parse("2026-01-02T03:04:05Z");

function told(atMs: number, event: RollEvent): LoggedEvent {
  return { at: new Date(START + atMs).toISOString(), level: "info", message: "", event };
}

function begin(atMs: number, name: "port" | "gate" | "drain" | "watch", roll = 1): LoggedEvent {
  return told(atMs, { type: "roll.phase", roll, name });
}

function end(atMs: number, name: "port" | "gate" | "drain", durationMs: number): LoggedEvent {
  const startedAt = START + atMs - durationMs;
  const phase = { name, startedAt, durationMs, outcome: "succeeded" } as const;
  return told(atMs, { type: "roll.phase_ended", roll: 1, phase });
}

function details(events: LoggedEvent[], over: Partial<RollDetails> = {}): RollDetails {
  return {
    id: 1,
    at: new Date(START).toISOString(),
    trigger: "interval",
    from: "v1",
    to: "v2",
    outcome: null,
    durationMs: null,
    phases: [],
    detail: "",
    lastLines: [],
    events,
    ...over,
  };
}

function story(progress: RollProgress): string {
  return progress.steps.map(({ name, state }) => `${name} ${state}`).join(", ");
}

Deno.test("steps come in the order in which they began, then those to come", () => {
  const progress = new RollProgress(details([begin(0, "port"), end(5, "port", 5)]));
  progress.add(begin(6, "gate"));
  assertEquals(
    story(progress),
    "port succeeded, gate running, start waiting, switch waiting, watch waiting, " +
      "drain waiting, stop waiting",
  );
});

Deno.test("a first roll has nobody to drain", () => {
  const progress = new RollProgress(details([], { from: null }));
  assertEquals(progress.steps.map(({ name }) => name), [
    "port",
    "start",
    "gate",
    "switch",
    "watch",
  ]);
});

Deno.test("two steps may be under way, and one may end after the roll", () => {
  const ended = { outcome: "succeeded", durationMs: 40 } as const;
  const progress = new RollProgress(details([begin(1, "watch"), begin(2, "drain")], ended));
  assertEquals(story(progress), "watch running, drain running");
  progress.add(end(50, "drain", 48));
  assertEquals(story(progress), "watch running, drain succeeded");
});

Deno.test("what is told twice counts once, and nothing goes on in a roll that was interrupted", () => {
  const events = [begin(0, "port"), end(5, "port", 5), begin(6, "gate")];
  const progress = new RollProgress(details(events, { outcome: "interrupted" }));
  for (const event of events) progress.add(event);
  assertEquals(story(progress), "port succeeded, gate interrupted");
});

Deno.test("other rolls are of no interest", () => {
  const progress = new RollProgress(details([], { outcome: "succeeded" }));
  assertEquals(progress.add(begin(0, "gate", 2)), false);
  assertEquals(progress.add(told(0, { type: "journal.recovered" })), false);
  assertEquals(story(progress), "");
});
