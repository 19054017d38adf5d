import { assertEquals } from "@std/assert";
import { Schedule } from "../../../src/roll/schedule.ts";

const even = () => 0.5;
const TEN_SECONDS = { intervalMs: 10_000, maxBackoffMs: 0 };
const AN_HOUR = { intervalMs: 3_600_000, maxBackoffMs: 0 };

Deno.test("the first check is due at once, and is the start", () => {
  const schedule = new Schedule(TEN_SECONDS, 5, even);
  assertEquals([schedule.dueAt, schedule.begin().trigger], [5, "start"]);
});

Deno.test("later checks follow after the interval, a tenth more or less", () => {
  for (const [random, dueAt] of [[0, 9_000], [0.5, 10_000], [1, 11_000]] as const) {
    const schedule = new Schedule(TEN_SECONDS, 0, () => random);
    schedule.begin();
    schedule.end(0, true);
    assertEquals(schedule.dueAt, dueAt);
    assertEquals(schedule.begin().trigger, "interval");
  }
});

Deno.test("nobody waits for a long interval before there is anything to serve", () => {
  const schedule = new Schedule(AN_HOUR, 0, even);
  schedule.begin();
  schedule.end(1, false);
  assertEquals(schedule.dueAt, 10_001);
});

Deno.test("two wishes for a check are one, and they are taken with its beginning", () => {
  const schedule = new Schedule(TEN_SECONDS, 0, even);
  schedule.wish({ trigger: "command", force: false, requests: [1] });
  schedule.wish({ trigger: "forced", force: true, requests: [] });
  schedule.wish({ trigger: "webhook", force: false, requests: [2] });
  assertEquals(schedule.isWished, true);
  assertEquals(schedule.begin(), { trigger: "forced", force: true, requests: [1, 2] });
  assertEquals(schedule.isWished, false);
});

Deno.test("the retry of a refused version brings a check forward, once", () => {
  const schedule = new Schedule(AN_HOUR, 0, even);
  schedule.begin();
  schedule.end(0, true);
  schedule.retryAt(30_000);
  assertEquals(schedule.dueAt, 30_000);
  schedule.begin();
  schedule.end(30_000, true);
  assertEquals(schedule.dueAt, 3_630_000);
});

/** How long the waits are while every check fails. */
function waits(maxBackoffMs: number, random: () => number, isContent = true): number[] {
  const schedule = new Schedule({ intervalMs: 10_000, maxBackoffMs }, 0, random);
  return [1, 2, 3, 4, 5].map(() => {
    schedule.begin();
    schedule.end(0, isContent, true);
    return schedule.dueAt;
  });
}

Deno.test("checks that fail follow later and later with --max-backoff, from the second one on", () => {
  // An even chance is three quarters of what is added, and no jitter.
  assertEquals(waits(60_000, even), [10_000, 17_500, 32_500, 47_500, 47_500]);
  assertEquals(waits(0, even), [10_000, 10_000, 10_000, 10_000, 10_000]);
  assertEquals(waits(5_000, even), [10_000, 10_000, 10_000, 10_000, 10_000]);
});

Deno.test("hosts that wait for the same registry are spread over half of what is added", () => {
  const [, , first = 0] = waits(60_000, () => 0);
  const [, , last = 0] = waits(60_000, () => 1);
  assertEquals([first, last], [25_000 * 0.9, 40_000 * 1.1]);
});

Deno.test("a check that succeeds ends the back-off, and nobody backs off with nothing to serve", () => {
  const schedule = new Schedule({ intervalMs: 10_000, maxBackoffMs: 60_000 }, 0, even);
  for (const hasFailed of [true, true, false, true]) schedule.end(0, true, hasFailed);
  assertEquals(schedule.dueAt, 10_000);
  assertEquals(waits(60_000, even, false), [10_000, 10_000, 10_000, 10_000, 10_000]);
});
