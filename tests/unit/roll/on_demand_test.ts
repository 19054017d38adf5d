import { assertEquals } from "@std/assert";
import { OutageError } from "../../../src/roll/effects.ts";
import type { Order } from "../../../src/roll/orders.ts";
import type { UpdaterOptions } from "../../../src/roll/updater_options.ts";
import { fate } from "./desk_rig.ts";
import { type FairWorld, Life } from "./fair_world.ts";

const DAY_MS = 86_400_000;
const WEBHOOK: Order = { kind: "update", id: null, force: false, by: "webhook" };
const UPDATE: Order = { ...WEBHOOK, by: "command" };
/** Exits before it is healthy. */
const BAD = { healthyAfterMs: 1_000, livesMs: 10 };

/** `v1` serves; `checks` is how often the source was asked since, `told` what waits. */
async function setUp(
  options: Partial<UpdaterOptions> = {},
  prepare: (world: FairWorld) => void = () => {},
) {
  const life = new Life({ onDemand: true, ...options }, prepare);
  await life.serve("v1");
  const before = life.world.of("check.started").length;
  const checks = () => life.world.of("check.started").length - before;
  const waiting = () => {
    const { waiting } = life.updater.checks;
    return waiting && `${waiting.id} ${waiting.wait.obstacle}`;
  };
  return { life, world: life.world, checks, waiting };
}

function closedUntil(opensAt: number) {
  return (world: FairWorld) => {
    world.windows = { openAt: (at) => Math.max(at, opensAt) };
  };
}

for (const order of [WEBHOOK, UPDATE]) {
  Deno.test(`on demand: a version that was refused (${order.by}) is the end of it`, async () => {
    const { life, checks } = await setUp();
    life.publish("v2", BAD);
    const answer = await life.desk.order(order);
    await life.pass(5_000);
    assertEquals(fate(life, answer).outcome, "failed");
    // It is still in quarantine: that is an end, too.
    const again = await life.desk.order(order);
    await life.pass(5_000);
    assertEquals(fate(life, again).outcome, "refused");
    life.publish("v3");
    await life.pass(DAY_MS);
    assertEquals([life.current?.id, checks()], ["v1", 2]);
    await life.end();
  });
}

Deno.test("on demand: a version that was rolled back after the switch does not come back", async () => {
  const { life, checks } = await setUp({ minHealthyMs: 10_000 });
  life.publish("v2", { livesMs: 5_000 });
  await life.desk.order(WEBHOOK);
  await life.pass(20_000);
  assertEquals(life.world.of("roll.rolled_back").map(({ id }) => id), ["v2"]);
  await life.pass(DAY_MS);
  assertEquals([life.current?.id, checks()], ["v1", 1]);
  await life.end();
});

Deno.test("on demand: who changes a setting has not asked for a version", async () => {
  const { life, checks } = await setUp();
  life.world.behave("v9");
  life.publish("v2");
  await life.desk.set({ kind: "skip", id: "v9" });
  await life.pass(60_000);
  await life.desk.set({ kind: "pause" });
  await life.desk.set({ kind: "resume" });
  await life.pass(60_000);
  await life.desk.order({ kind: "pin", id: "v1" });
  await life.desk.set({ kind: "unpin" });
  await life.pass(DAY_MS);
  assertEquals([life.current?.id, checks()], ["v1", 0]);
  await life.end();
});

Deno.test("on demand: a crash loop is healed without the source", async () => {
  const { life, world, checks } = await setUp();
  life.publish("v2");
  world.behave("v1", BAD);
  world.instances[0]!.end({ code: 1, signal: null });
  await life.pass(3_600_000);
  assertEquals(world.of("restart.scheduled").at(-1)?.crashLoop, true);
  world.behave("v1");
  await life.pass(60_000);
  assertEquals([life.current?.id, checks()], ["v1", 0]);
  await life.end();
});

Deno.test("on demand: as long as nothing has ever served, the start is asked on", async () => {
  const life = new Life({ onDemand: true });
  life.publish("v1", BAD);
  life.begin();
  await life.pass(60_000);
  assertEquals(life.current, null);
  life.publish("v2");
  await life.pass(20_000);
  assertEquals(life.current?.id, "v2");
  const before = life.world.of("check.started").length;
  life.publish("v3");
  await life.pass(DAY_MS);
  assertEquals([life.current?.id, life.world.of("check.started").length], ["v2", before]);
  await life.end();
});

for (
  const [order, retried] of [[WEBHOOK, true], [UPDATE, false]] as const
) {
  Deno.test(`on demand, the source is down: ${order.by} is ${retried ? "tried again, nobody is told" : "over, somebody is told"}`, async () => {
    const { life, world, checks } = await setUp();
    life.publish("v2");
    world.registryDown = true;
    const answer = await life.desk.order(order);
    await life.pass(200_000);
    assertEquals(fate(life, answer).outcome, "failed");
    world.registryDown = false;
    await life.pass(DAY_MS);
    assertEquals([life.current?.id, checks() > 1], retried ? ["v2", true] : ["v1", false]);
    await life.end();
  });
}

for (const order of [WEBHOOK, UPDATE]) {
  Deno.test(`on demand, the engine is away: ${order.by} is ${order === WEBHOOK ? "tried again" : "over"}`, async () => {
    let isDown = true;
    const { life, checks } = await setUp({}, (world) => {
      const { start } = world.runtime;
      const outage = () => Promise.reject(new OutageError("the engine is away"));
      world.runtime.start = (what) => what.id === "v2" && isDown ? outage() : start(what);
    });
    life.publish("v2");
    const answer = await life.desk.order(order);
    await life.pass(5_000);
    assertEquals([fate(life, answer).outcome, checks()], ["failed", 1]);
    // Who asks meanwhile hears of the quarantine, and changes nothing about that.
    assertEquals(fate(life, await life.desk.order(UPDATE)).outcome, null);
    await life.pass(1_000);
    isDown = false;
    await life.pass(DAY_MS);
    assertEquals([life.current?.id, checks()], order === WEBHOOK ? ["v2", 3] : ["v1", 2]);
    await life.end();
  });
}

Deno.test("on demand: the start does not ask on when something was brought by name", async () => {
  const life = new Life({ onDemand: true });
  life.publish("v2");
  life.world.behave("v1");
  life.world.registryDown = true;
  life.begin();
  await life.pass(5_000);
  await life.desk.order({ ...UPDATE, id: "v1" });
  life.world.registryDown = false;
  await life.pass(DAY_MS);
  assertEquals([life.current?.id, life.world.of("check.started").length], ["v1", 1]);
  await life.end();
});

Deno.test("on demand: settings that come and go leave alone what waits for its window", async () => {
  const { life, checks, waiting } = await setUp({}, closedUntil(600_000));
  life.publish("v2");
  await life.desk.order(WEBHOOK);
  await life.pass(1_000);
  const seen = [waiting()];
  for (
    const setting of [{ kind: "skip", id: "v9" }, { kind: "pause" }, { kind: "resume" }] as const
  ) {
    await life.desk.set(setting);
    await life.pass(60_000);
    seen.push(waiting());
  }
  assertEquals([seen, checks()], [["v2 window", "v2 window", "v2 paused", "v2 window"], 1]);
  await life.pass(600_000);
  assertEquals([life.current?.id, checks(), waiting()], ["v2", 2, null]);
  await life.end();
});

Deno.test("on demand: what waits for its window, and is skipped, does not come", async () => {
  const { life, waiting } = await setUp({}, closedUntil(600_000));
  life.publish("v2");
  await life.desk.order(WEBHOOK);
  await life.pass(1_000);
  await life.desk.set({ kind: "skip", id: "v2" });
  assertEquals(waiting(), "v2 skipped");
  await life.pass(DAY_MS);
  assertEquals(life.current?.id, "v1");
  await life.end();
});

for (const [setting, end] of [["pause", "resume"], ["pin", "unpin"]] as const) {
  Deno.test(`on demand: a webhook that met a ${setting} goes on with ${end}`, async () => {
    const { life, world } = await setUp();
    world.strangers.add(9102);
    life.publish("v2");
    const answer = await life.desk.order(WEBHOOK);
    await life.pass(1_000);
    if (setting === "pause") await life.desk.set({ kind: "pause" });
    else await life.desk.order({ kind: "pin", id: "v1" });
    world.strangers.clear();
    await life.pass(DAY_MS);
    assertEquals([life.current?.id, fate(life, answer).outcome], ["v1", "interrupted"]);
    await life.desk.set({ kind: end as "resume" | "unpin" });
    await life.pass(5_000);
    assertEquals(life.current?.id, "v2");
    await life.end();
  });
}

Deno.test("on demand: a webhook that waited behind a roll when updates were paused comes with resume", async () => {
  const { life } = await setUp();
  life.publish("v2", { healthyAfterMs: 5_000 });
  await life.desk.order(UPDATE);
  await life.pass(2_000);
  const answer = await life.desk.order(WEBHOOK);
  await life.desk.set({ kind: "pause" });
  life.publish("v3");
  await life.pass(DAY_MS);
  assertEquals([life.current?.id, fate(life, answer).outcome], ["v2", "refused"]);
  await life.desk.set({ kind: "resume" });
  await life.pass(5_000);
  assertEquals(life.current?.id, "v3");
  await life.end();
});

Deno.test("on demand: an update that a pin ended does not come when that is taken away", async () => {
  const { life, world, checks } = await setUp();
  world.strangers.add(9102);
  life.publish("v2");
  const answer = await life.desk.order(UPDATE);
  await life.pass(1_000);
  await life.desk.order({ kind: "pin", id: "v1" });
  world.strangers.clear();
  assertEquals(fate(life, answer).outcome, "interrupted");
  await life.desk.set({ kind: "unpin" });
  await life.pass(DAY_MS);
  assertEquals([life.current?.id, checks()], ["v1", 1]);
  await life.end();
});
