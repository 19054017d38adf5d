import { assertEquals } from "@std/assert";
import { Chronicle } from "../../../src/roll/chronicle.ts";
import { Phases } from "../../../src/roll/phases.ts";
import { Probation, type ProbationOptions, type Verdict } from "../../../src/roll/probation.ts";
import { Book } from "./book.ts";
import { FairWorld } from "./fair_world.ts";

const OPTIONS: ProbationOptions = {
  minHealthyMs: 10_000,
  healthProbeTimeoutMs: 500,
  livenessThreshold: 3,
};

/** A new version that has just taken over, and answers as `isWell` says. */
async function setUp(
  isWell: (lookAt: number) => boolean = () => true,
  options: Partial<ProbationOptions> = {},
) {
  const world = new FairWorld();
  const book = new Book();
  const instance = await world.launch("v2", 9101);
  const began = world.clock.now();
  const looks: number[] = [];
  world.probe = () => {
    looks.push(world.clock.now() - began);
    const healthy = isWell(looks.length);
    return Promise.resolve(healthy ? { healthy } : { healthy, detail: "status 503" });
  };
  const chronicle = new Chronicle(book, world.observe);
  const target = { id: "v2", trigger: "interval", force: false, requests: [], roll: null } as const;
  const phases = new Phases(1, world, chronicle);
  const course = { number: 1, target, from: "v1", began, phases };
  const probation = new Probation(
    { course, instance, previousId: "v1", previous: null },
    world,
    { ...OPTIONS, ...options },
  );
  let verdict: Verdict | null = null;
  probation.verdict.then((value) => {
    verdict = value;
  });
  const pass = async (ms: number) => {
    const until = world.clock.now() + ms;
    while (await world.clock.step(until));
  };
  const outcomes = () =>
    book.of("phase.ended").map(({ phase }) => `${phase.name} ${phase.outcome}`);
  /** Of the probation, not of the process. */
  const timers = () => world.clock.pending - 1;
  world.journal = book;
  return { world, instance, probation, looks, pass, outcomes, timers, verdict: () => verdict };
}

Deno.test("who stays well for long enough is proven, and not a moment earlier", async () => {
  const { pass, verdict, outcomes, timers } = await setUp();
  await pass(9_999);
  assertEquals(verdict(), null);
  await pass(1);
  assertEquals([verdict(), outcomes(), timers()], [
    { outcome: "proven" },
    ["watch succeeded"],
    0,
  ]);
});

for (
  const [minHealthyMs, everyMs, times] of [
    [10_000, 1_000, 9],
    [60_000, 5_000, 11],
    [2_500, 250, 9],
    [1_000, 250, 3],
    [100, 250, 0],
  ] as const
) {
  Deno.test(`in ${minHealthyMs} ms it is looked at every ${everyMs} ms`, async () => {
    const { pass, looks, verdict } = await setUp(() => true, { minHealthyMs });
    await pass(minHealthyMs - 1);
    assertEquals(looks, Array.from({ length: times }, (_, index) => (index + 1) * everyMs));
    await pass(1);
    assertEquals(verdict(), { outcome: "proven" });
  });
}

for (
  const [what, isWell, threshold, expected] of [
    ["one blip", (look: number) => look !== 4, 3, null],
    ["two bad answers of three", (look: number) => look < 4 || look > 5, 3, null],
    ["bad answers that are not in a row", (look: number) => look % 3 === 0, 3, null],
    ["three in a row", (look: number) => look < 4, 3, 6_000],
    ["from the beginning", () => false, 3, 3_000],
    ["one, where one is enough", (look: number) => look !== 5, 1, 5_000],
    ["the last look of all", (look: number) => look < 7, 3, 9_000],
  ] as const
) {
  const how = expected === null ? "is proven all the same" : `has failed after ${expected} ms`;
  Deno.test(`bad answers, ${what}: it ${how}`, async () => {
    const { pass, verdict, outcomes, timers } = await setUp(isWell, {
      livenessThreshold: threshold,
    });
    await pass((expected ?? 10_000) - 1);
    assertEquals(verdict(), null);
    await pass(1);
    const detail = `${threshold} probes in a row failed: status 503`;
    assertEquals(
      verdict(),
      expected === null ? { outcome: "proven" } : { outcome: "unhealthy", detail },
    );
    assertEquals(outcomes(), [expected === null ? "watch succeeded" : "watch failed"]);
    assertEquals(timers(), 0);
  });
}

Deno.test("no answer at all is a bad one", async () => {
  const { world, pass, verdict } = await setUp(() => true, { livenessThreshold: 1 });
  world.probe = async (_, signal) => {
    await world.clock.sleep(1e9, signal).catch(() => {});
    return { healthy: false, detail: "given up" };
  };
  await pass(1_499);
  assertEquals(verdict(), null);
  await pass(1);
  assertEquals(verdict(), {
    outcome: "unhealthy",
    detail: "1 probes in a row failed: no answer within 500 ms",
  });
});

Deno.test("G7 the answer of a stranger in its place is a bad one", async () => {
  const { world, pass, verdict } = await setUp(() => true, { livenessThreshold: 1 });
  world.strangers.add(9101);
  await pass(1_000);
  assertEquals(verdict(), {
    outcome: "unhealthy",
    detail: "1 probes in a row failed: answered by a stranger, which is no part of it",
  });
});

for (const ms of [0, 500, 1_000, 9_999]) {
  Deno.test(`ended from outside after ${ms} ms it comes to nothing, and leaves nothing behind`, async () => {
    const { world, probation, pass, verdict, outcomes, timers } = await setUp();
    await pass(ms);
    probation.end();
    await world.clock.settle();
    assertEquals([verdict(), outcomes(), timers()], [
      { outcome: "ended" },
      ["watch interrupted"],
      0,
    ]);
  });
}

Deno.test("ended twice, or after the verdict, changes nothing", async () => {
  const { probation, pass, verdict } = await setUp();
  await pass(10_000);
  for (let i = 0; i < 2; i++) probation.end();
  await pass(1_000);
  assertEquals(verdict(), { outcome: "proven" });
});

Deno.test("the end of the process is no verdict: whoever buries it decides", async () => {
  const { instance, probation, pass, verdict } = await setUp();
  await pass(1_000);
  instance.end({ code: 1, signal: null });
  await pass(1_000);
  assertEquals(verdict(), null);
  probation.end();
  await pass(0);
  assertEquals(verdict(), { outcome: "ended" });
});

Deno.test("a time at whose end nobody knows what it is like does not count", async () => {
  const { instance, pass, verdict } = await setUp(() => false);
  instance.excuse = "the engine is away";
  await pass(15_000);
  assertEquals(verdict(), null);
  instance.excuse = null;
  await pass(3_000);
  assertEquals(verdict()!.outcome, "unhealthy");
});
