import { assertEquals } from "@std/assert";
import { LiveLine } from "../../../src/commands/progress.ts";
import type { Status } from "../../../src/control/operator.ts";
import type { RollEvent } from "../../../src/roll/events.ts";
import { describe } from "../../../src/roll/describe.ts";
import { fakeIo, seen } from "./fake_io.ts";

const BEGAN = Date.parse("2026-11-20T10:00:00Z");

/** A line on a terminal, and what it shows last. */
function scene() {
  let now = BEGAN;
  const io = fakeIo({}, { terminal: true, date: () => now });
  const line = new LiveLine(io);
  return {
    tell: (event: RollEvent) =>
      line.event({ ...describe(event), event, at: new Date(now).toISOString() }),
    look: (status: Pick<Status, "state" | "roll">) => line.status(status as Status),
    pass: (ms: number) => now += ms,
    get shown() {
      return seen(io).split("\r").at(-1);
    },
  };
}

const STARTED: RollEvent = {
  ...{ type: "roll.started", roll: 2, trigger: "command", from: "v1", to: "v2" },
};

Deno.test("a phase is shown as soon as it begins, also one that nobody would see by looking", () => {
  const live = scene();
  live.tell(STARTED);
  assertEquals(live.shown, "roll 2 to v2  (0s)");
  live.tell({ type: "roll.phase", roll: 2, name: "gate" });
  assertEquals(live.shown, "roll 2 to v2  gate 0s  (0s)");
});

Deno.test("between two phases none is shown, and after the roll what state it is", () => {
  const live = scene();
  const roll = {
    id: 2,
    to: "v2",
    trigger: "command",
    since: new Date(BEGAN).toISOString(),
  } as const;
  live.look({ state: "serving", roll: { ...roll, phase: "gate" } });
  live.pass(3_000);
  live.look({ state: "serving", roll: { ...roll, phase: "gate" } });
  assertEquals(live.shown, "roll 2 to v2  gate 3s  (3s)");
  live.look({ state: "serving", roll: { ...roll, phase: null } });
  assertEquals(live.shown, "roll 2 to v2  (3s)");
  live.look({ state: "degraded", roll: null });
  assertEquals(live.shown, "degraded");
});
