import { assertEquals } from "@std/assert";
import { TRIGGERS } from "../../../src/roll/events.ts";
import { BAD_END, GOOD_END, setUp, WITHOUT_HOOKS } from "./attempts_rig.ts";
import { never, OPTIONS } from "./fair_world.ts";

for (const trigger of TRIGGERS) {
  const has = !WITHOUT_HOOKS.includes(trigger);
  Deno.test(`K58 ${trigger}: hooks are ${has ? "" : "not "}run around it`, async () => {
    const hooks = { before: GOOD_END, after: GOOD_END, "on-failure": GOOD_END };
    const { roll, hookNames } = setUp({ hooks });
    await roll("v1", trigger);
    assertEquals(hookNames(), has ? ["before", "after"] : []);
  });
}

Deno.test("K58 the same version once more is no business of the hooks", async () => {
  const { roll, hookNames } = setUp({ hooks: { before: GOOD_END, after: GOOD_END } });
  await roll("v1", "start");
  await roll("v1", "forced");
  assertEquals(hookNames(), ["before", "after"]);
});

Deno.test("K58 what hooks are told: before the roll, and after the switch", async () => {
  const { roll, hooked } = setUp({ hooks: { before: GOOD_END, after: GOOD_END } });
  await roll("v1", "start");
  await roll("v2", "webhook");
  const common = { roll: 2, trigger: "webhook", from: "v1", to: "v2", phase: "" } as const;
  assertEquals(hooked.slice(2), [
    ["before", { ...common, port: null, outcome: "started" }],
    ["after", { ...common, port: 9102, outcome: "succeeded" }],
  ]);
});

Deno.test("K58 a before hook that fails ends the roll before anything is started", async () => {
  const { roll, world, consequences, hooked } = setUp({
    hooks: { before: BAD_END, after: GOOD_END, "on-failure": GOOD_END },
  });
  assertEquals(await roll("v1"), { outcome: "failed" });
  assertEquals(world.instances, []);
  assertEquals(consequences, ["refused v1: the before hook ended with code 7"]);
  assertEquals(hooked.map(([hook, { phase, outcome }]) => [hook, phase, outcome]), [
    ["before", "", "started"],
    ["on-failure", "before-hook", "failed"],
  ]);
});

Deno.test("K58 the on-failure hook is told where it failed", async () => {
  const { roll, world, hooked } = setUp({ hooks: { "on-failure": GOOD_END } });
  world.behave("v1", { livesMs: 10, healthyAfterMs: 1_000 });
  world.behave("v2", { unstartable: true });
  for (const id of ["v1", "v2"]) await roll(id);
  assertEquals(hooked.map(([hook, { phase }]) => [hook, phase]), [
    ["on-failure", "gate"],
    ["on-failure", "start"],
  ]);
});

Deno.test("K58 an after hook that fails changes nothing, and is told", async () => {
  const { roll, world, consequences } = setUp({ hooks: { after: BAD_END } });
  assertEquals(await roll("v1"), { outcome: "switched" });
  assertEquals(consequences.at(-1), "settled 1");
  assertEquals(world.of("hook.ended"), [
    { type: "hook.ended", roll: 1, hook: "after", end: BAD_END },
  ]);
});

Deno.test("K58 a roll that had to wait for its port does not run its before hook twice", async () => {
  const { roll, world, hookNames } = setUp({ hooks: { before: GOOD_END } });
  for (const port of OPTIONS.childPorts) world.strangers.add(port);
  await roll("v1");
  world.strangers.clear();
  await roll("v1", "interval", { roll: 1 });
  assertEquals(hookNames(), ["before"]);
});

Deno.test("K58 a roll that could not be written down has done nothing yet: its before hook is run, once", async () => {
  const { roll, book, hookNames, world } = setUp({ hooks: { before: GOOD_END } });
  await roll("v1", "start");
  book.problem = "disk full";
  for (const number of [null, 2]) {
    assertEquals(await roll("v2", "interval", { roll: number }), { outcome: "postponed", roll: 2 });
  }
  assertEquals(hookNames(), ["before"]);
  book.problem = null;
  book.lines.length = 0;
  world.strangers.add(9102);
  assertEquals((await roll("v2", "interval", { roll: 2 })).outcome, "postponed");
  assertEquals([hookNames(), book.steps[0]], [["before", "before"], "roll.began 2"]);
  world.strangers.clear();
  assertEquals(await roll("v2", "interval", { roll: 2 }), { outcome: "switched" });
  assertEquals([hookNames().length, book.of("roll.began").length], [2, 1]);
});

Deno.test("a rollback ends the roll, names who comes back, and runs the on-failure hook", async () => {
  const { roll, attempts, courses, ends, requests, world, hooked } = setUp({
    hooks: { "on-failure": GOOD_END },
  });
  const request = requests.open();
  await roll("v2", "command", { requests: [request] });
  attempts.rollBack(courses[0]!, "v1", "it exited", ["bye"], never());
  assertEquals(ends(), [[1, "rolled_back", "it exited"]]);
  assertEquals(requests.get(request)?.outcome, "rolled_back");
  assertEquals(world.of("roll.rolled_back"), [{
    type: "roll.rolled_back",
    roll: 1,
    id: "v2",
    to: "v1",
    detail: "it exited",
    lastLines: ["bye"],
  }]);
  assertEquals(hooked.map(([hook, { phase, outcome }]) => [hook, phase, outcome]), [
    ["on-failure", "watch", "failed"],
  ]);
});
