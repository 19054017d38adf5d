import { assertEquals } from "@std/assert";
import { Ending } from "../../../src/roll/ending.ts";

const stateOf = ({ hasBegun, isLeft, forced }: Ending) => [hasBegun, isLeft, forced.aborted];

Deno.test("at first nothing ends", () => {
  assertEquals(stateOf(new Ending()), [false, false, false]);
});

Deno.test("who is asked to stop ends in order, the second time at once", () => {
  const ending = new Ending();
  assertEquals([ending.stop(), ...stateOf(ending)], ["begun", true, false, false]);
  assertEquals(String(ending.stopping.reason), "AbortError: liveroll is stopping");
  assertEquals([ending.stop(), ...stateOf(ending)], ["forced", true, false, true]);
});

Deno.test("what was left to somebody else is not stopped any more", () => {
  const ending = new Ending();
  ending.leave();
  assertEquals(String(ending.stopping.reason), "AbortError: another liveroll goes on");
  for (let i = 0; i < 2; i++) {
    assertEquals([ending.stop(), ...stateOf(ending)], ["ignored", true, true, false]);
  }
});
