import { assertEquals } from "@std/assert";
import type { UpdaterOptions } from "../../../src/roll/updater_options.ts";
import type { Behaviour } from "../../simulation/sim_world.ts";
import { Book } from "./book.ts";
import { Life } from "./fair_world.ts";

/** `v1` is proven, `v2` has just taken over and is watched for ten seconds. */
async function setUp(
  behaviour: Partial<Behaviour> = {},
  options: Partial<UpdaterOptions> = {},
) {
  const book = new Book();
  const life = new Life({ minHealthyMs: 10_000, ...options }, (world) => {
    world.journal = book;
  });
  const ill = new Set<string>();
  const { probe } = life.world;
  life.world.probe = async (instance, signal) =>
    ill.has(instance.key)
      ? { healthy: false, detail: "status 503" }
      : await probe(instance, signal);
  await life.serve("v1");
  life.publish("v2", behaviour);
  await life.pass(8_700);
  assertEquals(life.current?.id, "v2");
  const ends = () => book.of("roll.ended").map(({ roll, outcome }) => `${roll} ${outcome}`);
  const triggers = () => life.world.of("roll.started").map(({ trigger, to }) => `${trigger} ${to}`);
  return { life, book, ill, ends, triggers, world: life.world };
}

Deno.test("K29 a version that stays well is proven, and told as a success only then", async () => {
  const { life, ends, world } = await setUp();
  assertEquals(ends(), ["1 succeeded"]);
  assertEquals(life.detail, "serving v2 on port 9102; watched, v1 can come back");
  await life.pass(10_000);
  assertEquals([ends(), life.detail], [["1 succeeded", "2 succeeded"], "serving v2 on port 9102"]);
  assertEquals(world.of("roll.succeeded").map(({ id }) => id), ["v1", "v2"]);
  await life.end();
});

for (
  const [how, keepWarmMs, isInstant] of [
    ["is kept warm", 60_000, true],
    ["is gone", 0, false],
  ] as const
) {
  Deno.test(`K29 it dies while it is watched and the one before ${how}: that serves again`, async () => {
    const { life, world, ends, triggers } = await setUp({ livesMs: 3_000 }, { keepWarmMs });
    await life.pass(3_000);
    assertEquals([life.current?.id, life.current?.key], ["v1", isInstant ? "i1" : "i3"]);
    const expected = ["1 succeeded", "2 rolled_back", "3 succeeded"];
    assertEquals(ends(), isInstant ? expected.slice(0, 2) : expected);
    assertEquals(triggers().slice(2), isInstant ? [] : ["automatic-rollback v1"]);
    assertEquals(world.of("roll.rolled_back").map(({ id, to, detail }) => [id, to, detail]), [
      ["v2", "v1", "it exited with code 1 while it was watched"],
    ]);
    assertEquals(world.of("restart.scheduled"), []);
    await life.end();
  });
}

Deno.test("K29 it does not answer while it is watched and the one before is gone: that is rolled to beside it", async () => {
  const { life, ill, world, ends, triggers } = await setUp();
  ill.add("i2");
  world.deeds.length = 0;
  await life.pass(8_000);
  assertEquals([life.current?.id, ends()], ["v1", ["1 succeeded", "2 rolled_back", "3 succeeded"]]);
  assertEquals(triggers().at(-1), "automatic-rollback v1");
  assertEquals(world.deeds.slice(0, 3), ["start v1@9101", "switch i3", "drain i2"]);
  await life.end();
});

Deno.test("K29 it does not answer while the one before is warm: that takes over at once, and it drains", async () => {
  const { life, ill, world } = await setUp({}, { keepWarmMs: 60_000 });
  ill.add("i2");
  world.deeds.length = 0;
  await life.pass(8_000);
  assertEquals([life.current?.key, world.deeds], ["i1", ["switch i1", "drain i2", "stop i2"]]);
  assertEquals(world.alive, ["i1"]);
  await life.end();
});

Deno.test("G9 who was rolled back is in quarantine for an hour, and said to be", async () => {
  const { life, world } = await setUp({ livesMs: 3_000 });
  await life.pass(30_000);
  assertEquals(world.of("quarantine.added").map(({ id, retryInMs }) => [id, retryInMs]), [
    ["v2", 3_600_000],
  ]);
  assertEquals(
    life.detail,
    "serving v1 on port 9101; v2 refused: it exited with code 1 while it was watched",
  );
  await life.pass(3_500_000);
  assertEquals(world.of("roll.started").length, 3);
  await life.end();
});

Deno.test("a fixed version after a rollback is rolled to at once", async () => {
  const { life } = await setUp({ livesMs: 3_000 });
  await life.pass(10_000);
  life.publish("v3");
  await life.pass(20_000);
  assertEquals(life.current?.id, "v3");
  await life.end();
});

Deno.test("the one that came back needs no probation; its crash is healed", async () => {
  const { life, ends, triggers } = await setUp({ livesMs: 3_000 });
  await life.pass(5_000);
  life.world.instances.at(-1)!.end({ code: 1, signal: null });
  await life.pass(3_000);
  assertEquals([life.current?.id, triggers().at(-1)], ["v1", "crash v1"]);
  assertEquals(ends().at(-1), "4 succeeded");
  await life.end();
});

Deno.test("G8 a rollback that fails leaves the bad one in place, says so, and is tried again and again", async () => {
  const { life, ill, world, ends, triggers } = await setUp();
  world.behave("v1", { unstartable: true });
  ill.add("i2");
  await life.pass(30_000);
  assertEquals([life.current?.id, world.of("state").at(-1)?.state], ["v2", "degraded"]);
  assertEquals(ends().slice(0, 4), ["1 succeeded", "2 rolled_back", "3 failed", "4 failed"]);
  assertEquals(new Set(triggers().slice(2)), new Set(["automatic-rollback v1"]));
  const waits = world.of("restart.scheduled").map(({ inMs }) => inMs);
  assertEquals(waits.slice(0, 4), [0, 500, 1_000, 2_000]);
  world.behave("v1");
  await life.pass(30_000);
  assertEquals([life.current?.id, world.alive.length], ["v1", 1]);
  assertEquals(world.of("state").at(-1)?.state, "serving");
  await life.end();
});

Deno.test("G8 the bad one is well again while its rollback is tried: that does not make it good", async () => {
  const { life, ill, world } = await setUp({}, { livenessIntervalMs: 1_000 });
  world.behave("v1", { unstartable: true });
  ill.add("i2");
  await life.pass(30_000);
  ill.clear();
  await life.pass(10_000);
  assertEquals([life.current?.id, world.of("state").at(-1)?.state], ["v2", "degraded"]);
  world.behave("v1");
  await life.pass(30_000);
  assertEquals(life.current?.id, "v1");
  await life.end();
});

Deno.test("G8 a rollback that finds no port waits for one", async () => {
  const { life, ill, world, triggers } = await setUp();
  world.strangers.add(9101);
  ill.add("i2");
  await life.pass(30_000);
  assertEquals([life.current?.id, world.of("state").at(-1)?.state], ["v2", "degraded"]);
  world.strangers.clear();
  await life.pass(60_000);
  assertEquals([life.current?.id, triggers().at(-1)], ["v1", "automatic-rollback v1"]);
  await life.end();
});

Deno.test("G8 a fixed version comes while the rollback is tried: that serves", async () => {
  const { life, ill, world } = await setUp();
  world.behave("v1", { unstartable: true });
  ill.add("i2");
  await life.pass(15_000);
  life.publish("v3");
  await life.pass(30_000);
  assertEquals([life.current?.id, world.of("state").at(-1)?.state], ["v3", "serving"]);
  await life.end();
});

Deno.test("G8 it dies and the one before cannot be started any more: that is tried again and again", async () => {
  const { life, world } = await setUp({ livesMs: 3_000 });
  world.behave("v1", { unstartable: true });
  await life.pass(30_000);
  assertEquals([life.current, life.world.of("state").at(-1)?.state], [null, "degraded"]);
  world.behave("v1");
  await life.pass(60_000);
  assertEquals(life.current?.id, "v1");
  await life.end();
});

Deno.test("K29 exclusive: nobody is there any more, so the one before is started again", async () => {
  const { life, ends } = await setUp({ livesMs: 3_000 }, { exclusive: true });
  await life.pass(6_000);
  assertEquals([life.current?.id, ends()], ["v1", ["1 succeeded", "2 rolled_back", "3 succeeded"]]);
  await life.end();
});

Deno.test("the death of the very first version is a crash: there is nothing to go back to", async () => {
  const life = new Life({ minHealthyMs: 10_000 });
  await life.serve("v1", { livesMs: 1_000 });
  await life.pass(2_000);
  assertEquals(life.world.of("roll.rolled_back"), []);
  assertEquals(life.world.of("restart.scheduled").length > 0, true);
  await life.end();
});

Deno.test("K28 an order to go back while it is watched: warm or not, that version serves", async () => {
  for (const keepWarmMs of [0, 60_000]) {
    const { life, ends } = await setUp({}, { keepWarmMs });
    const answer = await life.desk.order({ kind: "rollback", id: null });
    await life.pass(5_000);
    assertEquals([answer.accepted, life.current?.id], [true, "v1"]);
    assertEquals(ends(), ["1 succeeded", "2 rolled_back", "3 succeeded"]);
    assertEquals(life.updater.preferences.now.skipped, ["v2"]);
    await life.end();
  }
});

Deno.test("a restart while it is watched begins a new watch for the same version", async () => {
  const { life, ends, triggers } = await setUp();
  life.updater.agenda.requestRestart();
  await life.pass(3_000);
  assertEquals([triggers().at(-1), life.current?.key], ["restart v2", "i3"]);
  assertEquals(life.detail, "serving v2 on port 9101; watched, v1 can come back");
  await life.end();
  assertEquals(ends()[0], "1 succeeded");
});

Deno.test("what is stopped while it is watched had succeeded, but is not proven", async () => {
  const { life, book, ends } = await setUp();
  await life.end();
  assertEquals([ends(), book.next.proven], [["1 succeeded", "2 succeeded"], ["v1"]]);
  assertEquals(book.next.unfinished, []);
});

for (const minHealthyMs of [0, 10_000]) {
  Deno.test(`K57 liveness, --min-healthy ${minHealthyMs}: who does not answer is replaced, then stopped`, async () => {
    const { life, ill, world, triggers } = await setUp({}, {
      minHealthyMs,
      livenessIntervalMs: 1_000,
    });
    await life.pass(20_000);
    ill.add("i2");
    world.deeds.length = 0;
    await life.pass(10_000);
    assertEquals([life.current?.id, triggers().at(-1)], ["v2", "liveness v2"]);
    assertEquals(world.deeds, ["start v2@9101", "switch i3", "drain i2", "stop i2"]);
    await life.end();
  });
}

Deno.test("K57 a replacement that is not well either is not switched to, and tried again later and later", async () => {
  const { life, ill, world } = await setUp({}, {
    minHealthyMs: 0,
    livenessIntervalMs: 1_000,
    healthTimeoutMs: 1_000,
  });
  await life.pass(20_000);
  world.probe = () => Promise.resolve({ healthy: false, detail: "status 503" });
  ill.add("i2");
  await life.pass(60_000);
  assertEquals([life.current?.key, world.of("state").at(-1)?.state], ["i2", "degraded"]);
  const waits = world.of("restart.scheduled").map(({ inMs }) => inMs);
  assertEquals(waits.slice(0, 4), [0, 500, 1_000, 2_000]);
  await life.end();
});

/** Data whose changes are of no interest here. */
const NO_DEEDS = {
  steps: ["migrate"],
  obstacle: null,
  run: () => Promise.resolve(),
  commit: () => Promise.resolve(),
  undo: () => Promise.resolve({ outcome: "untouched", detail: "" } as const),
  foresee: () => Promise.resolve(),
  isInTheWay: () => false,
  recover: () => Promise.resolve(null),
} as const;

for (const isOneWay of [false, true]) {
  const what = isOneWay ? "cannot" : "can";
  Deno.test(`a version dies whose data the one before ${what} live with`, async () => {
    const life = new Life({ minHealthyMs: 10_000 }, (world) => {
      Object.assign(world, { data: { ...NO_DEEDS, isOneWay } });
    });
    await life.serve("v1");
    life.publish("v2", { livesMs: 3_000 });
    await life.pass(8_700);
    assertEquals(life.current?.id, "v2");
    await life.pass(4_000);
    // Either the one before comes back, or the same is started again.
    assertEquals(life.current?.id, isOneWay ? "v2" : "v1");
    await life.end();
  });
}

Deno.test("who ends on probation with what it runs on comes back, and is proven then", async () => {
  const { life, book, triggers, world } = await setUp();
  Object.assign(life.current!, { excuse: "the engine was away" });
  world.instances.at(-1)!.end({ code: 137, signal: "SIGKILL" });
  await life.pass(5_000);
  assertEquals([life.current?.id, triggers().slice(2)], ["v2", ["crash v2"]]);
  assertEquals(life.updater.quarantine.list(), []);
  await life.pass(15_000);
  assertEquals(book.of("version.proven").map(({ id }) => id), ["v1", "v2"]);
  await life.end();
});

Deno.test("who ends on probation with what it runs on and does not come back gives way", async () => {
  const { life, triggers, world } = await setUp();
  Object.assign(life.current!, { excuse: "the engine was away" });
  world.behave("v2", { livesMs: 10, healthyAfterMs: 1_000 });
  world.instances.at(-1)!.end({ code: 137, signal: "SIGKILL" });
  await life.pass(10_000);
  assertEquals([life.current?.id, triggers().slice(2)], ["v1", ["crash v2", "crash v1"]]);
  assertEquals(life.updater.quarantine.list().map(({ id }) => id), ["v2"]);
  await life.end();
});
