import { assertEquals } from "@std/assert";
import type { ProbeResult } from "../../../src/roll/effects.ts";
import { watch } from "../../../src/roll/watch.ts";
import { FairWorld } from "./fair_world.ts";

/** What a probe comes to: well, ill, or no answer at all. */
type Answer = "+" | "-" | "?";

/**
 * Watches an instance every second that answers as `script` says, the last answer for ever. Tells
 * what was told, with the second in which it was.
 */
async function setUp(script: string, threshold = 3) {
  const world = new FairWorld();
  const instance = await world.launch("v1", 9101);
  const told: string[] = [];
  const began = world.clock.now();
  const second = () => Math.round(world.clock.now() - began) / 1_000;
  let asked = 0;
  const probe = async (_: unknown, signal: AbortSignal): Promise<ProbeResult> => {
    const answer = (script[asked++] ?? script.at(-1)) as Answer;
    if (answer === "?") await world.clock.sleep(1e9, signal);
    return answer === "+" ? { healthy: true } : { healthy: false, detail: `answer ${asked}` };
  };
  const end = new AbortController();
  let ended = false;
  const over = watch(
    instance,
    probe,
    world.clock,
    { intervalMs: 1_000, probeTimeoutMs: 500, threshold },
    {
      onUnhealthy: (failures, detail) => told.push(`${second()} ill ${failures}: ${detail}`),
      onRecovered: () => told.push(`${second()} well`),
    },
    end.signal,
  ).then(() => {
    ended = true;
  });
  const pass = async (seconds: number) => {
    const until = world.clock.now() + seconds * 1_000;
    while (await world.clock.step(until));
  };
  return { world, instance, told, pass, end, over, isOver: () => ended, asked: () => asked };
}

for (
  const [what, script, threshold, told] of [
    ["always well", "+", 3, []],
    ["one blip", "+-+", 3, []],
    ["two bad answers are not three", "--+", 3, []],
    ["bad answers that are not in a row", "--+--+--+", 3, []],
    ["three in a row", "+---", 3, ["4 ill 3: answer 4"]],
    ["ill for long: told once", "-", 3, ["3 ill 3: answer 3"]],
    ["ill, then well again", "---+", 3, ["3 ill 3: answer 3", "4 well"]],
    ["well again after long: told once", "-----++", 3, ["3 ill 3: answer 3", "6 well"]],
    ["ill twice", "---+---+", 3, [
      "3 ill 3: answer 3",
      "4 well",
      "7 ill 3: answer 7",
      "8 well",
    ]],
    ["a threshold of one", "-+-+", 1, [
      "1 ill 1: answer 1",
      "2 well",
      "3 ill 1: answer 3",
      "4 well",
    ]],
    ["no answer at all counts as a bad one", "?+", 1, [
      "1.5 ill 1: no answer within 500 ms",
      "2.5 well",
    ]],
  ] as const
) {
  Deno.test(`a watch, ${what}`, async () => {
    const { told: heard, pass, end, over } = await setUp(script, threshold);
    await pass(12);
    assertEquals(heard, [...told]);
    end.abort();
    await over;
  });
}

Deno.test("the first look comes after an interval, and the next ones an interval after each answer", async () => {
  const { pass, asked, end, over } = await setUp("?");
  await pass(0.999);
  assertEquals(asked(), 0);
  await pass(0.001);
  assertEquals(asked(), 1);
  await pass(1.499);
  assertEquals(asked(), 1);
  await pass(0.001);
  assertEquals(asked(), 2);
  end.abort();
  await over;
});

Deno.test("nobody need care to hear that it is well again", async () => {
  const world = new FairWorld();
  const instance = await world.launch("v1", 9101);
  const end = new AbortController();
  const ill: number[] = [];
  let asked = 0;
  const over = watch(
    instance,
    () => Promise.resolve(asked++ % 2 === 0 ? { healthy: false, detail: "x" } : { healthy: true }),
    world.clock,
    { intervalMs: 1_000, probeTimeoutMs: 500, threshold: 1 },
    { onUnhealthy: (failures) => void ill.push(failures) },
    end.signal,
  );
  const until = world.clock.now() + 4_000;
  while (await world.clock.step(until));
  assertEquals(ill, [1, 1]);
  end.abort();
  await over;
});

for (
  const [when, seconds] of [["between two looks", 0.5], ["during a look", 1.2]] as const
) {
  Deno.test(`a watch that is ended ${when} ends at once, leaves nothing behind and tells nothing`, async () => {
    const { world, told, pass, end, isOver } = await setUp("?", 1);
    await pass(seconds);
    const timers = world.clock.pending;
    end.abort();
    await world.clock.settle();
    assertEquals([isOver(), told], [true, []]);
    assertEquals(world.clock.pending < timers, true);
    await pass(10);
    assertEquals(told, []);
  });

  Deno.test(`an instance that ends ${when} ends its watch: that is no bad answer`, async () => {
    const { world, instance, told, pass, isOver } = await setUp("?", 1);
    await pass(seconds);
    instance.end({ code: 1, signal: null });
    await world.clock.settle();
    assertEquals([isOver(), told], [true, []]);
  });
}

Deno.test("an instance that has ended before is not looked at", async () => {
  const world = new FairWorld();
  const instance = await world.launch("v1", 9101);
  instance.end({ code: 1, signal: null });
  await watch(
    instance,
    () => Promise.reject(new Error("nobody should ask")),
    world.clock,
    { intervalMs: 1_000, probeTimeoutMs: 500, threshold: 1 },
    { onUnhealthy: () => world.violate("told") },
    new AbortController().signal,
  );
  assertEquals(world.violations, []);
});

Deno.test("bad answers while what it runs on has failed do not count", async () => {
  const { instance, told, pass, end, over } = await setUp("--------");
  instance.excuse = "the engine is away";
  await pass(60);
  assertEquals(told, []);
  instance.excuse = null;
  await pass(3);
  assertEquals(told, ["63 ill 3: answer 63"]);
  end.abort();
  await over;
});
