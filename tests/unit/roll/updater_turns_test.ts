import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Order } from "../../../src/roll/orders.ts";
import { FleetLife, HOUR_MS, LEASE_MS } from "./fleet_life.ts";

const UPDATE: Order = { kind: "update", id: null, force: false, by: "command" };
const WELL = { outcome: "succeeded" } as const;
const BAD = { outcome: "failed", detail: "it exited with code 7" } as const;

Deno.test("a roll waits until other hosts have rolled, and says for whom", async () => {
  const life = await FleetLife.serving();
  const turn = await life.other("v2");
  life.offer("v2");
  await life.pass(10 * LEASE_MS);
  assertEquals([life.current?.id, life.world.instances.length], ["v1", 1]);
  assertStringIncludes(life.detail, "rolling to v2, waiting for its turn: other rolls");
  const waits = life.world.of("turn.waiting").map(({ roll, id, detail }) => [roll, id, detail]);
  assertEquals(waits, [[2, "v2", "other rolls"]]);
  await turn.end(WELL);
  await life.pass(2_000);
  assertEquals([life.current?.id, life.detail], ["v2", "serving v2 on port 9102"]);
  await life.end();
});

Deno.test("with --min-healthy, the turn ends when the version has proven itself", async () => {
  const life = await FleetLife.serving({ minHealthyMs: 30_000 });
  life.offer("v2");
  await life.pass(20_000);
  const next = life.seek("v2");
  let isGranted = false;
  next.then(() => isGranted = true);
  await life.pass(10_000);
  assertEquals([life.current?.id, isGranted], ["v2", false]);
  await life.pass(5_000);
  assertEquals([isGranted, await life.failed()], [true, null]);
  await (await next).end(WELL);
  await life.end();
});

Deno.test("a version that is refused here, or rolled back, stops the fleet", async () => {
  for (const livesMs of [50, 5_000]) {
    const life = await FleetLife.serving({ minHealthyMs: 30_000 });
    life.offer("v2", { livesMs });
    await life.pass(20_000);
    assertEquals(life.current?.id, "v1");
    assertStringIncludes(await life.failed() ?? "", "v2 on here: it exited with code 1");
    await life.end();
  }
});

Deno.test("a version that has failed elsewhere is not tried, until it is well there", async () => {
  const life = await FleetLife.serving();
  await (await life.other("v2")).end(BAD);
  life.offer("v2");
  await life.pass(20 * LEASE_MS);
  assertEquals(life.world.instances.length, 1);
  const [failed] = life.world.of("roll.failed");
  assertEquals([failed?.reason, failed?.retryInMs], ["no_turn", 10_000]);
  assertStringIncludes(failed?.detail ?? "", "the fleet has stopped: it failed on other at ");
  await (await life.other("v2")).end(WELL);
  await life.pass(5 * LEASE_MS);
  assertEquals(life.current?.id, "v2");
  await life.end();
});

Deno.test("a different version is tried at once", async () => {
  const life = await FleetLife.serving();
  await (await life.other("v2")).end(BAD);
  life.offer("v2");
  await life.pass(2_000);
  life.offer("v3");
  await life.pass(2_000);
  assertEquals(life.current?.id, "v3");
  await life.end();
});

Deno.test("a person can have a version tried that has failed elsewhere", async () => {
  for (const order of [{ kind: "retry" }, { ...UPDATE, force: true }] as Order[]) {
    const life = await FleetLife.serving();
    await (await life.other("v2")).end(BAD);
    life.offer("v2");
    await life.pass(2_000);
    assertEquals((await life.desk.order(order)).accepted, true);
    await life.pass(2_000);
    assertEquals([life.current?.id, await life.failed()], ["v2", null]);
    await life.end();
  }
});

Deno.test("a rollback waits for nobody", async () => {
  const life = await FleetLife.serving();
  life.offer("v2");
  await life.pass(60_000);
  const turn = await life.other("v9");
  await life.desk.order({ kind: "rollback", id: null });
  await life.pass(2_000);
  assertEquals(life.current?.id, "v1");
  await turn.end(WELL);
  await life.end();
});

Deno.test("going back while a version is watched stops the fleet, later it does not", async () => {
  for (const watchedMs of [5_000, 60_000]) {
    const life = await FleetLife.serving({ minHealthyMs: 30_000 });
    life.offer("v2");
    await life.pass(watchedMs);
    await life.desk.order({ kind: "rollback", id: null });
    await life.pass(2_000);
    assertEquals(life.current?.id, "v1");
    const expected = "v2 on here: somebody went back to v1 while it was watched";
    assertEquals(await life.failed(), watchedMs < 30_000 ? expected : null);
    await life.end();
  }
});

Deno.test("what waits for its turn is in nobody's way: order, restart, pause, a newer version", async () => {
  const life = await FleetLife.serving();
  const turn = await life.other("v9");
  life.offer("v2");
  await life.pass(2_000);
  life.updater.agenda.requestRestart();
  await life.pass(2_000);
  assertEquals(life.current?.key, "i3");
  await life.pass(10_000);
  life.publish("v3");
  assertEquals((await life.desk.order(UPDATE)).accepted, true);
  await life.pass(10_000);
  assertEquals(life.updater.rollUnderWay?.target.id, "v3");
  await life.desk.set({ kind: "pause" });
  await life.pass(10_000);
  // What a person has ordered goes on waiting.
  assertEquals(life.updater.rollUnderWay?.target.id, "v3");
  await turn.end(WELL);
  await life.pass(10_000);
  assertEquals(life.current?.id, "v3");
  await life.end();
});

Deno.test("a pause ends the wait for a turn", async () => {
  const life = await FleetLife.serving();
  const turn = await life.other("v2");
  life.offer("v2");
  await life.pass(2_000);
  await life.desk.set({ kind: "pause" });
  await life.pass(10_000);
  assertEquals(life.updater.rollUnderWay, null);
  await turn.end(WELL);
  await life.pass(60_000);
  assertEquals(life.current?.id, "v1");
  await life.end();
});

for (const exclusive of [false, true]) {
  Deno.test(`a crash is healed while a roll waits for its turn${exclusive ? ", alone" : ""}`, async () => {
    const life = await FleetLife.serving({ exclusive });
    const turn = await life.other("v9");
    life.offer("v2");
    await life.pass(2_000);
    life.world.living()[0]!.kill();
    await life.pass(2_000);
    assertEquals([life.current?.id, life.current?.key], ["v1", "i3"]);
    await turn.end(WELL);
    await life.pass(60_000);
    assertEquals(life.current?.id, "v2");
    await life.end();
  });
}

Deno.test("a lease that is lost before the switch ends the roll, and nobody is to blame", async () => {
  const life = await FleetLife.serving();
  life.offer("v2", { healthyAfterMs: LEASE_MS - 5_000 });
  await life.pass(1_000);
  life.store.isBroken = true;
  await life.pass(LEASE_MS);
  const [{ reason, detail, retryInMs } = {}] = life.world.of("roll.failed");
  assertEquals([reason, detail], ["no_turn", "this host's turn to roll is over"]);
  assertEquals([retryInMs, life.current?.id], [10_000, "v1"]);
  assertEquals(life.world.alive, ["i1"]);
  life.store.isBroken = false;
  assertEquals(await life.failed(), null);
  await life.end();
});

Deno.test("after the switch, a lost lease undoes nothing, and the end is told", async () => {
  const life = await FleetLife.serving({ minHealthyMs: 2 * LEASE_MS });
  life.offer("v2", { livesMs: 1.5 * LEASE_MS });
  await life.pass(5_000);
  life.store.isBroken = true;
  await life.pass(LEASE_MS);
  assertEquals(life.current?.id, "v2");
  life.store.isBroken = false;
  await life.pass(LEASE_MS);
  assertEquals(life.current?.id, "v1");
  assertStringIncludes(await life.failed() ?? "", "v2 on here");
  await life.end();
});

Deno.test("a store that cannot be used fails the roll, and it is tried again", async () => {
  const life = await FleetLife.serving();
  life.store.isBroken = true;
  life.offer("v2");
  await life.pass(2_000);
  const [failed] = life.world.of("roll.failed");
  assertEquals([failed?.reason, failed?.detail], ["no_turn", "Cannot use it: it is broken"]);
  life.store.isBroken = false;
  await life.pass(30_000);
  assertEquals(life.current?.id, "v2");
  await life.end();
});

Deno.test("the first start of all waits for nobody, and neither does a crash", async () => {
  const life = new FleetLife();
  life.store.isBroken = true;
  await life.serve("v1");
  life.world.living()[0]!.kill();
  await life.pass(HOUR_MS);
  assertEquals([life.current?.id, life.world.of("turn.waiting")], ["v1", []]);
  await life.end();
});

Deno.test("TERM ends at once what waits for its turn", async () => {
  const life = await FleetLife.serving();
  const turn = await life.other("v9");
  life.offer("v2");
  await life.pass(2_000);
  life.term();
  await life.pass(100);
  assertEquals(life.world.of("roll.interrupted").length, 1);
  await turn.end(WELL);
  await life.end();
});

Deno.test("where nothing serves, a version does not wait for others", async () => {
  const life = await FleetLife.serving();
  const turn = await life.other("v9");
  life.world.behave("v1", { unstartable: true });
  life.world.living()[0]!.kill();
  life.offer("v2");
  await life.pass(10_000);
  assertEquals([life.current?.id, life.world.of("turn.waiting")], ["v2", []]);
  await turn.end(WELL);
  await life.end();
});

Deno.test("where nothing serves, what was good last is started, not what failed elsewhere", async () => {
  const life = await FleetLife.serving();
  await (await life.other("v2")).end(BAD);
  life.world.living()[0]!.kill();
  life.offer("v2");
  await life.pass(10_000);
  assertEquals([life.current?.id, life.world.of("roll.failed")[0]?.reason], ["v1", "no_turn"]);
  await life.end();
});
