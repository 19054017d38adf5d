import { assertEquals } from "@std/assert";
import { TRIGGERS } from "../../../src/roll/events.ts";
import { BAD_END, setUp, WITHOUT_HOOKS } from "./attempts_rig.ts";
import { OPTIONS } from "./fair_world.ts";

Deno.test("G1 an attempt is written down before anything is done, and numbered on from the last life", async () => {
  const { roll, book, world, consequences } = setUp({ memory: { lastRoll: 41 } });
  assertEquals(await roll("v1", "start"), { outcome: "switched" });
  assertEquals(book.steps[0], "roll.began 42");
  assertEquals(world.of("roll.started")[0], {
    type: "roll.started",
    roll: 42,
    trigger: "start",
    from: null,
    to: "v1",
  });
  assertEquals(consequences, ["switched to i42 from nobody", "settled 42"]);
});

Deno.test("G1 the steps of a good roll in the journal, in their order", async () => {
  const { roll, book, stage, world } = setUp();
  await roll("v1", "start");
  book.lines.length = 0;
  await roll("v2");
  await world.await(stage.empty());
  assertEquals(book.steps.filter((step) => !step.startsWith("phase.ended")), [
    "roll.began 2",
    "instance.starting i2",
    "instance.started i2",
    "switch.intended i2",
    "switch.done i2",
    "drain.intended i1",
    "stop.intended i1",
    "instance.gone i1",
  ]);
  assertEquals(book.of("phase.ended").map(({ phase }) => phase.name), [
    "port",
    "start",
    "gate",
    "switch",
    "drain",
    "stop",
  ]);
});

Deno.test("an attempt is under way from its beginning to its switch", async () => {
  const { roll, attempts, world } = setUp();
  const seen: (number | null)[] = [];
  world.onEvent = (event) => {
    if (event.type.startsWith("roll.phase")) return;
    seen.push(attempts.underWay?.number ?? null);
  };
  await roll("v1");
  assertEquals(seen, [null, ...seen.slice(1).map(() => 1)]);
  assertEquals(attempts.underWay, null);
});

Deno.test("a refused version is told with its last words, and its requests end as failed", async () => {
  const { roll, world, ends, requests, consequences } = setUp();
  world.behave("v1", { livesMs: 50, healthyAfterMs: 1_000 });
  const request = requests.open();
  assertEquals(await roll("v1", "command", { requests: [request] }), { outcome: "failed" });
  const detail = "it exited with code 1 before it was healthy";
  assertEquals(consequences, [`refused v1: ${detail}`]);
  const [failed] = world.of("roll.failed");
  assertEquals([failed?.reason, failed?.lastLines, failed?.retryInMs], [
    "exited",
    ["v1 says goodbye"],
    30_000,
  ]);
  assertEquals(ends(), [[1, "failed", detail]]);
  assertEquals(requests.get(request), { request, outcome: "failed", roll: 1, detail });
});

Deno.test("a busy port says nothing about the version: the roll is put off under its number", async () => {
  const { roll, world, ends, requests, book } = setUp();
  for (const port of OPTIONS.childPorts) world.strangers.add(port);
  const request = requests.open();
  const target = { requests: [request] };
  assertEquals(await roll("v1", "interval", target), { outcome: "postponed", roll: 1 });
  assertEquals([ends(), world.of("port.busy").length], [[], 1]);
  assertEquals(requests.get(request)?.outcome, null);
  world.strangers.clear();
  assertEquals(await roll("v1", "interval", { ...target, roll: 1 }), { outcome: "switched" });
  assertEquals(book.of("roll.began").map(({ roll }) => roll), [1]);
  assertEquals(await roll("v2"), { outcome: "switched" });
  assertEquals(book.of("roll.began").map(({ roll }) => roll), [1, 2]);
});

for (const trigger of TRIGGERS) {
  // Whoever goes back by hand may do so because the bad version has filled the disk.
  const goesOn = WITHOUT_HOOKS.includes(trigger) || trigger === "rollback";
  const what = goesOn ? "has to happen all the same" : "waits until it can be";
  Deno.test(`G1 ${trigger}: what cannot be written down ${what}`, async () => {
    const { roll, book, consequences, ends } = setUp();
    await roll("v1", "start");
    consequences.length = 0;
    book.problem = "disk full";
    const outcome = await roll("v2", trigger);
    assertEquals(outcome, goesOn ? { outcome: "switched" } : { outcome: "postponed", roll: 2 });
    assertEquals(consequences, goesOn ? ["switched to i2 from i1", "settled 2"] : []);
    assertEquals(ends(), []);
  });

  Deno.test(`G1 ${trigger}: while nothing serves it goes on without the journal`, async () => {
    const { roll, book } = setUp();
    book.problem = "disk full";
    assertEquals(await roll("v1", trigger), { outcome: "switched" });
  });
}

for (const at of ["instance.starting", "switch.intended"] as const) {
  Deno.test(`G1 the disk is full right before ${at}: the old one serves on, nothing is left`, async () => {
    const { roll, book, stage, world } = setUp();
    await roll("v1", "start");
    const { write } = book;
    book.write = (entry) => {
      if (entry.step === at) book.problem = "disk full";
      return write.call(book, entry);
    };
    assertEquals(await roll("v2"), { outcome: "postponed", roll: 2 });
    await world.await(stage.empty());
    assertEquals([stage.current?.key, world.alive], ["i1", ["i1"]]);
  });
}

Deno.test("called off it is interrupted with the reason, and so are its requests", async () => {
  const { attempts, world, requests, ends, stage } = setUp();
  world.behave("v1", { healthyAfterMs: Infinity });
  const request = requests.open();
  const end = new AbortController();
  world.clock.after(1_000, () => end.abort(new Error("something better came")));
  const target = {
    id: "v1",
    trigger: "crash",
    force: true,
    requests: [request],
    roll: null,
  } as const;
  const outcome = await world.await(attempts.run(target, null, end.signal));
  assertEquals(outcome, { outcome: "interrupted" });
  assertEquals(ends(), [[1, "interrupted", "something better came"]]);
  assertEquals(world.of("roll.interrupted")[0]?.reason, "something better came");
  assertEquals([requests.get(request)?.outcome, attempts.underWay], ["interrupted", null]);
  await world.await(stage.empty());
  assertEquals(world.alive, []);
});

for (const what of ["start", "before hook"] as const) {
  Deno.test(`a failure of its ${what} that comes when it was called off is not the version's`, async () => {
    const hooks = what === "start" ? {} : { before: BAD_END };
    const { attempts, world, consequences, ends } = setUp({ hooks });
    world.behave("v1", { unstartable: true });
    const end = new AbortController();
    const callOff = () => end.abort(new Error("stopping"));
    const { start } = world.runtime;
    world.runtime.start = (what) => {
      callOff();
      return start(what);
    };
    world.hooks.run = () => {
      callOff();
      return Promise.resolve(BAD_END);
    };
    const target = { id: "v1", trigger: "start", force: false, requests: [], roll: null } as const;
    const outcome = await world.await(attempts.run(target, null, end.signal));
    assertEquals(outcome, { outcome: "interrupted" });
    assertEquals([consequences, ends()], [[], [[1, "interrupted", "stopping"]]]);
  });
}

Deno.test("success ends the roll and its requests, with the time since its beginning", async () => {
  const { roll, attempts, courses, ends, requests, world } = setUp();
  const request = requests.open();
  await roll("v1", "command", { requests: [request] });
  assertEquals(ends(), []);
  attempts.succeed(courses[0]!, "at last");
  assertEquals(ends(), [[1, "succeeded", "at last"]]);
  assertEquals(requests.get(request)?.outcome, "succeeded");
  const [told] = world.of("roll.succeeded");
  assertEquals([told?.roll, told?.id, told?.durationMs], [1, "v1", world.clock.now()]);
});

Deno.test("G13 an attempt of a former life goes on under its number", () => {
  const { attempts, ends } = setUp({ memory: { lastRoll: 7 } });
  const target = { id: "v2", trigger: "interval", force: false, requests: [], roll: 7 } as const;
  const course = attempts.resume(target, "v1");
  assertEquals([course.number, course.from, course.target.id], [7, "v1", "v2"]);
  attempts.succeed(course, "");
  assertEquals(attempts.underWay, null);
  assertEquals(ends(), [[7, "succeeded", ""]]);
});
