import { assertEquals } from "@std/assert";
import { DURATION_BOUNDS, DurationHistogram } from "../../../src/proxy/duration_histogram.ts";

Deno.test("DurationHistogram counts a duration in the first bucket that holds it", () => {
  const histogram = new DurationHistogram();
  for (const ms of [0, 5, 5.001, 10_000, 10_001, 3_600_000]) histogram.observe(ms);
  const { buckets, count } = histogram.snapshot();
  assertEquals(buckets, [2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2]);
  assertEquals([count, buckets.length], [6, DURATION_BOUNDS.length]);
});

Deno.test("DurationHistogram sums seconds", () => {
  const histogram = new DurationHistogram();
  histogram.observe(250);
  histogram.observe(1250);
  assertEquals(histogram.snapshot().sumSeconds, 1.5);
});

Deno.test("DurationHistogram.snapshot() does not change any more", () => {
  const histogram = new DurationHistogram();
  const before = histogram.snapshot();
  histogram.observe(1);
  assertEquals([before.count, before.buckets[0]], [0, 0]);
});
