import { assertEquals, assertLessOrEqual } from "@std/assert";
import { RecentLines } from "../../../src/platform/recent_lines.ts";

Deno.test("RecentLines keeps the newest lines, oldest first", () => {
  const recent = new RecentLines(3);
  for (let line = 1; line <= 10; line++) recent.push(String(line));
  assertEquals(recent.all(), ["8", "9", "10"]);
});

Deno.test("RecentLines keeps all while there is room", () => {
  const recent = new RecentLines(3);
  assertEquals(recent.all(), []);
  recent.push("a");
  assertEquals(recent.all(), ["a"]);
});

Deno.test("RecentLines is bounded in size by a limit on each line", () => {
  const recent = new RecentLines(2);
  recent.push("x".repeat(1_000_000));
  assertLessOrEqual(recent.all()[0]!.length, 2_001);
});
