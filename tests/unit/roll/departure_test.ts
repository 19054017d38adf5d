import { assertEquals } from "@std/assert";
import { Chronicle } from "../../../src/roll/chronicle.ts";
import { Departure, type DepartureEnd, type Leave } from "../../../src/roll/departure.ts";
import type { StopOutcome } from "../../../src/roll/instance.ts";
import { Book } from "./book.ts";
import { FairWorld } from "./fair_world.ts";

const DRAIN_MS = 2_000;
const WARM_MS = 60_000;

/** An instance whose requests take two seconds, and how it leaves. */
async function setUp(
  leave: Partial<Leave> = {},
  { keepWarmMs = WARM_MS, drainTimeoutMs = 30_000 } = {},
) {
  const world = new FairWorld();
  const book = new Book();
  world.journal = book;
  const instance = await world.launch("v1", 9101);
  const deeds: string[] = [];
  world.traffic.drain = async (_, timeoutMs, signal) => {
    deeds.push(`drain ${timeoutMs}`);
    const ended = await world.clock.sleep(DRAIN_MS, signal).then(() => 1, () => 0);
    return { finished: ended, cut: 1 - ended };
  };
  world.onStop = () => deeds.push("stop");
  const cut = new AbortController();
  const departure = new Departure(
    instance,
    { drain: true, warm: true, roll: 1, cut: cut.signal, ...leave },
    world,
    new Chronicle(book, world.observe),
    { keepWarmMs, drainTimeoutMs },
  );
  const doneAtOnce = deeds.length + book.lines.length;
  let end: DepartureEnd | null = null;
  departure.over.then((value) => {
    end = value;
  });
  const pass = async (ms: number) => {
    const until = world.clock.now() + ms;
    while (await world.clock.step(until));
  };
  const told = () => world.events.map(({ type }) => type);
  return { world, book, instance, departure, deeds, doneAtOnce, cut, pass, told, end: () => end };
}

Deno.test("K27 drained, kept ready, stopped: in that order, each told and written down", async () => {
  const { departure, deeds, book, world, pass, end, told } = await setUp();
  await pass(DRAIN_MS);
  assertEquals([deeds, departure.canBeCalledOff], [["drain 30000"], true]);
  await pass(WARM_MS - 1);
  assertEquals(deeds, ["drain 30000"]);
  await pass(1);
  assertEquals([deeds.at(-1), departure.canBeCalledOff], ["stop", false]);
  await pass(1_000);
  assertEquals(end(), "gone");
  assertEquals(told(), ["drained", "instance.warm", "instance.stopped"]);
  assertEquals(book.steps, [
    "drain.intended i1",
    "phase.ended 1",
    "stop.intended i1",
    "instance.gone i1",
    "phase.ended 1",
  ]);
  assertEquals(book.of("phase.ended").map(({ phase }) => phase.name), ["drain", "stop"]);
  assertEquals(world.of("drained")[0], {
    type: "drained",
    instance: { key: "i1", id: "v1", port: 9101, pid: 1001 },
    finished: 1,
    cut: 0,
    durationMs: DRAIN_MS,
  });
  assertEquals(world.of("instance.warm")[0]?.forMs, WARM_MS);
});

Deno.test("nothing is begun in the step in which it is decided: the switch is told first", async () => {
  const { deeds, doneAtOnce, pass } = await setUp();
  assertEquals(doneAtOnce, 0);
  await pass(0);
  assertEquals(deeds, ["drain 30000"]);
});

for (
  const [what, leave, keepWarmMs, expected] of [
    ["with traffic, may be wanted back", {}, WARM_MS, ["drained", "instance.warm"]],
    ["with traffic, nothing is kept warm here", {}, 0, ["drained"]],
    ["with traffic, never wanted back", { warm: false }, WARM_MS, ["drained"]],
    ["without traffic", { drain: false, warm: false }, WARM_MS, []],
  ] as const
) {
  Deno.test(`who leaves ${what}: ${[...expected, "instance.stopped"].join(", ")}`, async () => {
    const { pass, told, end } = await setUp(leave, { keepWarmMs });
    await pass(WARM_MS + 10_000);
    assertEquals([told(), end()], [[...expected, "instance.stopped"], "gone"]);
  });
}

Deno.test("phases are told of a roll only if it is part of one", async () => {
  for (const [roll, phases] of [[null, 0], [4, 2]] as const) {
    const { book, pass } = await setUp({ roll, warm: false });
    await pass(10_000);
    assertEquals(book.of("phase.ended").length, phases);
  }
});

/** Each moment of a departure, and whether the instance could still stay. */
const MOMENTS: [string, number, Partial<Leave>, boolean][] = [
  ["at the very beginning", -1, {}, true],
  ["while it drains", 1_000, {}, true],
  ["while it drains and will not be kept warm", 1_000, { warm: false }, true],
  ["while it is kept warm", DRAIN_MS + 1_000, {}, true],
  ["when its stop has begun", DRAIN_MS + WARM_MS + 50, {}, false],
  ["when it is gone", DRAIN_MS + WARM_MS + 5_000, {}, false],
  ["when it never had traffic", -1, { drain: false, warm: false }, false],
];

for (const [when, ms, leave, canBe] of MOMENTS) {
  Deno.test(`${when} it ${canBe ? "can" : "cannot"} be called off`, async () => {
    const { departure, pass } = await setUp(leave);
    if (ms >= 0) await pass(ms);
    assertEquals(departure.canBeCalledOff, canBe);
  });
}

for (const [when, ms, leave, canBe] of MOMENTS) {
  if (!canBe) continue;
  Deno.test(`called off ${when}: it stays, and is neither stopped nor written off`, async () => {
    const { departure, instance, book, deeds, pass, end } = await setUp(leave);
    if (ms >= 0) await pass(ms);
    departure.callOff();
    assertEquals(departure.canBeCalledOff, false);
    await pass(WARM_MS * 2);
    assertEquals([end(), instance.exit], ["called_off", null]);
    assertEquals([deeds.includes("stop"), book.of("stop.intended")], [false, []]);
  });
}

Deno.test("called off while it is warm it ends at once: nobody waits for the rest of the time", async () => {
  const { departure, world, pass, end } = await setUp();
  await pass(DRAIN_MS + 10);
  departure.callOff();
  await world.clock.settle();
  assertEquals(end(), "called_off");
});

Deno.test("its port is wanted: the rest of the time that it is kept warm is given up", async () => {
  const { departure, deeds, pass, end } = await setUp();
  await pass(DRAIN_MS + 10);
  departure.hurry();
  await pass(1_000);
  assertEquals([deeds, end()], [["drain 30000", "stop"], "gone"]);
});

Deno.test("its port is wanted while it drains: requests may finish, but it is not kept warm", async () => {
  const { departure, pass, told, deeds } = await setUp();
  await pass(10);
  departure.hurry();
  await pass(DRAIN_MS - 20);
  assertEquals(deeds, ["drain 30000"]);
  await pass(1_000);
  assertEquals(told(), ["drained", "instance.stopped"]);
});

for (
  const [when, ms, expected] of [
    ["while it drains", 10, ["drained", "instance.stopped"]],
    ["while it is warm", DRAIN_MS + 10, ["drained", "instance.warm", "instance.stopped"]],
  ] as const
) {
  Deno.test(`everything ends ${when}: requests are cut and it is stopped at once`, async () => {
    const { departure, cut, world, pass, told, end } = await setUp();
    await pass(ms);
    cut.abort();
    assertEquals(departure.canBeCalledOff, false);
    await pass(200);
    assertEquals([told(), end()], [expected, "gone"]);
    assertEquals(world.of("drained")[0]?.cut, ms < DRAIN_MS ? 1 : 0);
  });
}

for (
  const [when, ms, expected] of [
    ["while it drains", 10, ["drained", "instance.stopped"]],
    ["while it is warm", DRAIN_MS + 10, ["drained", "instance.warm", "instance.stopped"]],
  ] as const
) {
  Deno.test(`one that dies ${when} is not kept ready any longer, and its remains are cleared away`, async () => {
    const { instance, world, pass, told, end } = await setUp();
    await pass(ms);
    instance.end({ code: 1, signal: null });
    await pass(DRAIN_MS);
    assertEquals([told(), end()], [expected, "gone"]);
    assertEquals(world.of("instance.stopped")[0]?.outcome, "already_gone");
  });
}

for (
  const [outcome, isWrittenOff] of [
    ["stopped", true],
    ["killed", true],
    ["already_gone", true],
    ["survived", false],
  ] as [StopOutcome, boolean][]
) {
  const what = isWrittenOff ? "written down as gone" : "still written down as running";
  Deno.test(`G13 an instance that was asked to end and has ${outcome} is ${what}`, async () => {
    const { instance, book, world, pass } = await setUp({ drain: false, warm: false });
    instance.stop = async () => {
      await world.clock.sleep(700);
      return outcome;
    };
    await pass(1_000);
    assertEquals(book.of("instance.gone").length, isWrittenOff ? 1 : 0);
    assertEquals(
      world.of("instance.stopped").map(({ outcome, durationMs }) => [outcome, durationMs]),
      [
        [outcome, 700],
      ],
    );
  });
}

Deno.test("it leaves even if nothing can be written down", async () => {
  const { book, deeds, pass, end } = await setUp();
  book.problem = "disk full";
  await pass(WARM_MS + 10_000);
  assertEquals([deeds, end()], [["drain 30000", "stop"], "gone"]);
});
