import { assertEquals } from "@std/assert";
import { Schedule } from "../../../src/roll/schedule.ts";

const even = () => 0.5;

Deno.test("the first check is due at once, and is the start", () => {
  const schedule = new Schedule(10_000, 5, even);
  assertEquals([schedule.dueAt, schedule.begin()], [5, "start"]);
});

Deno.test("later checks follow after the interval, a tenth more or less", () => {
  for (const [random, dueAt] of [[0, 9_000], [0.5, 10_000], [1, 11_000]] as const) {
    const schedule = new Schedule(10_000, 0, () => random);
    schedule.begin();
    schedule.end(0, true);
    assertEquals(schedule.dueAt, dueAt);
    assertEquals(schedule.begin(), "interval");
  }
});

Deno.test("nobody waits for a long interval before there is anything to serve", () => {
  const schedule = new Schedule(3_600_000, 0, even);
  schedule.begin();
  schedule.end(1, false);
  assertEquals(schedule.dueAt, 10_001);
});

Deno.test("two wishes for a check are one, and they are taken with its beginning", () => {
  const schedule = new Schedule(10_000, 0, even);
  schedule.force();
  schedule.force();
  assertEquals([schedule.isForced, schedule.begin(), schedule.isForced], [true, "forced", false]);
});

Deno.test("the retry of a refused version brings a check forward, once", () => {
  const schedule = new Schedule(3_600_000, 0, even);
  schedule.begin();
  schedule.end(0, true);
  schedule.retryAt(30_000);
  assertEquals(schedule.dueAt, 30_000);
  schedule.begin();
  schedule.end(30_000, true);
  assertEquals(schedule.dueAt, 3_630_000);
});
