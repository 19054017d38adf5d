import { assertEquals } from "@std/assert";
import {
  BUCKET_MS,
  count,
  NO_TRAFFIC,
  quantile,
  recent,
  type Traffic,
} from "../../../../scripts/demo/traffic.ts";

function answers(...samples: readonly [at: number, version: string, firstByteMs: number][]) {
  return samples.reduce<Traffic>((traffic, [at, version, firstByteMs]) => {
    return count(traffic, { at, ok: true, version, firstByteMs });
  }, NO_TRAFFIC);
}

Deno.test("answers of the same stretch of time share a bucket", () => {
  const { buckets } = answers([0, "v1", 1], [BUCKET_MS - 1, "v2", 2], [BUCKET_MS, "v2", 3]);
  assertEquals(buckets, [
    { at: 0, byVersion: { v1: 1, v2: 1 }, failed: 0, firstByteMs: [1, 2] },
    { at: BUCKET_MS, byVersion: { v2: 1 }, failed: 0, firstByteMs: [3] },
  ]);
});

Deno.test("the bucket that is still being filled does not count as recent", () => {
  const traffic = answers([0, "v1", 5], [BUCKET_MS, "v2", 7], [2 * BUCKET_MS, "v3", 9]);
  assertEquals(recent(traffic, 2 * BUCKET_MS + 10, BUCKET_MS), {
    answers: 1,
    byVersion: { v2: 1 },
    p50Ms: 7,
    p99Ms: 7,
  });
});

Deno.test("without answers there are no quantiles", () => {
  assertEquals(recent(NO_TRAFFIC, 10_000, 5_000), {
    answers: 0,
    byVersion: {},
    p50Ms: null,
    p99Ms: null,
  });
});

Deno.test("quantiles are values that occurred", () => {
  const sorted = Array.from({ length: 100 }, (_, index) => index + 1);
  assertEquals([0, 0.5, 0.99, 1].map((q) => quantile(sorted, q)), [1, 51, 100, 100]);
});

Deno.test("old buckets are forgotten, totals are not", () => {
  let traffic = NO_TRAFFIC;
  for (let n = 0; n < 1_000; n++) {
    traffic = count(traffic, { at: n * BUCKET_MS, ok: true, version: "v1", firstByteMs: 1 });
  }
  assertEquals(traffic.ok, 1_000);
  assertEquals(traffic.buckets.length, 240);
});
