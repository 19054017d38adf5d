import { assertEquals } from "@std/assert";
import { Schedule } from "../../../src/roll/schedule.ts";

const even = () => 0.5;

Deno.test("the first check is due at once, and is the start", () => {
  const schedule = new Schedule(10_000, 5, even);
  assertEquals([schedule.dueAt, schedule.begin().trigger], [5, "start"]);
});

Deno.test("later checks follow after the interval, a tenth more or less", () => {
  for (const [random, dueAt] of [[0, 9_000], [0.5, 10_000], [1, 11_000]] as const) {
    const schedule = new Schedule(10_000, 0, () => random);
    schedule.begin();
    schedule.end(0, true);
    assertEquals(schedule.dueAt, dueAt);
    assertEquals(schedule.begin().trigger, "interval");
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
  schedule.wish({ trigger: "command", force: false, requests: [1] });
  schedule.wish({ trigger: "forced", force: true, requests: [] });
  schedule.wish({ trigger: "webhook", force: false, requests: [2] });
  assertEquals(schedule.isWished, true);
  assertEquals(schedule.begin(), { trigger: "forced", force: true, requests: [1, 2] });
  assertEquals(schedule.isWished, false);
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
