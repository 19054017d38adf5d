import { assertEquals } from "@std/assert";
import { backoffMs } from "../../../src/roll/backoff.ts";

const BOUNDS = { baseMs: 500, maxMs: 30_000 };

Deno.test("a back-off starts at its base, doubles, and stops growing at its cap", () => {
  const waits = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((failures) => backoffMs(failures, BOUNDS));
  assertEquals(waits, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
});

Deno.test("a back-off stays at its cap after any number of failures", () => {
  for (const failures of [31, 32, 33, 64, 1_100, 1e9]) {
    assertEquals(backoffMs(failures, BOUNDS), 30_000);
  }
});
