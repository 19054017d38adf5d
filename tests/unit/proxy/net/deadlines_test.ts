import { assertEquals } from "@std/assert";
import { Deadlines, SWEEP_MS } from "../../../../src/proxy/net/deadlines.ts";
import { ManualClock } from "../manual_clock.ts";

function setUp() {
  const clock = new ManualClock();
  const deadlines = new Deadlines(clock);
  const late: number[] = [];
  const timed = {
    deadlineAt: Infinity,
    onDeadline() {
      late.push(clock.now());
      timed.deadlineAt = Infinity;
    },
  };
  return { clock, deadlines, late, timed };
}

Deno.test("Deadlines are never met early, and at most two sweeps late", async () => {
  for (const ms of [1, 50, 99, 100, 101, 250, 1000]) {
    const { clock, deadlines, late, timed } = setUp();
    deadlines.add(timed);
    await clock.advance(33);
    timed.deadlineAt = deadlines.in(ms);
    await clock.advance(ms + 3 * SWEEP_MS);
    const [at = 0] = late;
    assertEquals([late.length, at >= 33 + ms, at <= 33 + ms + 2 * SWEEP_MS], [1, true, true]);
    deadlines.close();
  }
});

Deno.test("Deadlines.in(0) is never", async () => {
  const { clock, deadlines, late, timed } = setUp();
  timed.deadlineAt = deadlines.in(0);
  deadlines.add(timed);
  await clock.advance(60_000);
  assertEquals(late, []);
  deadlines.close();
});

Deno.test("Deadlines know the time again after a while with nothing to watch", async () => {
  const { clock, deadlines, late, timed } = setUp();
  deadlines.add(timed);
  deadlines.remove(timed);
  await clock.advance(60_000);
  deadlines.add(timed);
  timed.deadlineAt = deadlines.in(500);
  await clock.advance(400);
  assertEquals(late, []);
  await clock.advance(300);
  assertEquals(late.length, 1);
  deadlines.close();
});

Deno.test("Deadlines leave no timer behind when nothing is watched, or when they are closed", async () => {
  const { clock, deadlines, timed } = setUp();
  deadlines.add(timed);
  assertEquals(clock.sleeping, 1);
  deadlines.remove(timed);
  await clock.advance(2 * SWEEP_MS);
  assertEquals(clock.sleeping, 0);
  deadlines.add(timed);
  deadlines.close();
  assertEquals(clock.sleeping, 0);
  deadlines.add(timed);
  assertEquals(clock.sleeping, 0);
});

Deno.test("Deadlines may change while they are looked at", async () => {
  const { clock, deadlines } = setUp();
  const met: string[] = [];
  const second = { deadlineAt: 1, onDeadline: () => met.push("second") };
  const first = {
    deadlineAt: 1,
    onDeadline: () => {
      met.push("first");
      deadlines.remove(first);
      deadlines.remove(second);
    },
  };
  deadlines.add(first);
  deadlines.add(second);
  await clock.advance(3 * SWEEP_MS);
  assertEquals(met, ["first"]);
});

Deno.test("Deadlines do not count the time in which nothing ran", async () => {
  const { late, timed } = setUp();
  let now = 0;
  const clock = new ManualClock();
  const stalled = new Deadlines({
    now: () => clock.now() + now,
    sleep: (ms, signal) => clock.sleep(ms, signal),
  });
  stalled.add(timed);
  timed.deadlineAt = stalled.in(1000);
  now += 60_000;
  await clock.advance(900);
  assertEquals(late, []);
  await clock.advance(400);
  assertEquals(late.length, 1);
  stalled.close();
});
