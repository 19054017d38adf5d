import { assertEquals } from "@std/assert";
import { median, quantile } from "../../../../scripts/bench/statistics.ts";

Deno.test("median() is the middle value, or between the two middle ones", () => {
  assertEquals([median([3, 1, 2]), median([4, 1, 3, 2]), median([7])], [2, 2.5, 7]);
  assertEquals(median([]), NaN);
});

Deno.test("quantile() is a value that occurred", () => {
  const values = [5, 1, 4, 2, 3];
  assertEquals([0, 0.5, 0.9, 1].map((q) => quantile(values, q)), [1, 3, 5, 5]);
  assertEquals(quantile([], 0.5), NaN);
});
