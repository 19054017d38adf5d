import { assertEquals, assertThrows } from "@std/assert";
import {
  nextState,
  UPGRADER_EVENTS,
  UPGRADER_STATES,
  type UpgraderEvent,
  type UpgraderState,
} from "../../../src/handover/upgrader_state.ts";

const ALLOWED: [UpgraderState, UpgraderEvent, UpgraderState][] = [
  ["starting", "ready", "taking_over"],
  ["starting", "stop", "stopped"],
  ["taking_over", "serving", "owner"],
  ["taking_over", "stop", "stopped"],
  ["owner", "offered", "offering"],
  ["owner", "stop", "stopped"],
  ["offering", "successor_ready", "paused"],
  ["offering", "successor_lost", "owner"],
  ["offering", "stop", "stopped"],
  ["paused", "handed_over", "retired"],
  ["paused", "successor_lost", "owner"],
  ["paused", "stop", "stopped"],
  ["retired", "stop", "retired"],
  ["stopped", "stop", "stopped"],
];

Deno.test("every state answers every event by the table, and nothing else is possible", () => {
  for (const state of UPGRADER_STATES) {
    for (const event of UPGRADER_EVENTS) {
      const row = ALLOWED.find(([from, what]) => from === state && what === event);
      if (row) assertEquals(nextState(state, event), row[2], `${state} ${event}`);
      else assertThrows(() => nextState(state, event), TypeError, `"${event}"`);
    }
  }
});

Deno.test("a program that calls ready() twice is told what the upgrader is doing", () => {
  assertThrows(
    () => nextState("taking_over", "ready"),
    TypeError,
    'Cannot go on with "ready": the upgrader is taking over',
  );
});
