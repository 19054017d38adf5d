import { assertEquals } from "@std/assert";
import { Deaths } from "../../../../src/runtime/container/deaths.ts";

function clockAt() {
  const clock = { time: 0, now: () => clock.time, sleep: () => Promise.resolve() };
  return clock;
}

Deno.test("while a version is on probation the first death is one too many", () => {
  const clock = clockAt();
  const deaths = new Deaths(clock, 10_000);
  clock.time = 9_999;
  assertEquals(deaths.add(), "too_many");
});

Deno.test("later three in a minute are few, and four are a crash loop", () => {
  const clock = clockAt();
  const deaths = new Deaths(clock, 10_000);
  const ends = [10_000, 20_000, 30_000, 69_999].map((time) => {
    clock.time = time;
    return deaths.add();
  });
  assertEquals(ends, ["few", "few", "few", "too_many"]);
});

Deno.test("now and then one is no crash loop", () => {
  const clock = clockAt();
  const deaths = new Deaths(clock, 0);
  for (clock.time = 0; clock.time < 600_000; clock.time += 20_001) {
    assertEquals(deaths.add(), "few");
  }
});

Deno.test("several containers may fall at once, with the engine", () => {
  const deaths = new Deaths(clockAt(), 0, 5);
  const ends = Array.from({ length: 16 }, () => deaths.add());
  assertEquals([ends.indexOf("too_many"), deaths.recent], [15, 16]);
});
