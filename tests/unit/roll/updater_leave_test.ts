import { assert, assertEquals, assertThrows } from "@std/assert";
import { Life } from "./fair_world.ts";

Deno.test("leaving ends at once, stops nobody, and does not say that it stops", async () => {
  const life = new Life();
  const first = await life.serve("v1");
  const before = life.world.deeds.length;
  assert(life.updater.mayLeave());
  life.updater.leave();
  await life.world.clock.settle();
  assertEquals([life.ended, first.exit, life.world.closed], [true, null, false]);
  assertEquals(life.world.deeds.slice(before), []);
  assertEquals(life.world.of("state").at(-1)?.state, "serving");
});

Deno.test("a stop while it is left is for whoever goes on", async () => {
  const life = new Life();
  const first = await life.serve("v1");
  life.updater.leave();
  life.updater.stop();
  life.updater.stop();
  await life.world.clock.settle();
  assertEquals([life.ended, first.exit], [true, null]);
});

Deno.test("a roll, and whoever drains after it, have to end first", async () => {
  const life = new Life();
  await life.serve("v1");
  life.publish("v2", { healthyAfterMs: 5_000 });
  life.updater.agenda.requestForcedUpdate();
  assert(!life.updater.mayLeave(), "somebody wants a check");
  await life.pass(1_000);
  assertThrows(() => life.updater.leave(), Error, "something is under way");
  while (life.current?.id !== "v2") await life.pass(10);
  assert(!life.updater.mayLeave(), "v1 drains");
  await life.pass(40_000);
  assert(life.updater.mayLeave());
  await life.end();
});

Deno.test("who is only kept warm goes when somebody wants to take over", async () => {
  const life = new Life({ keepWarmMs: 3_600_000 });
  await life.serve("v1");
  life.publish("v2");
  await life.pass(60_000);
  assertEquals(life.world.alive.length, 2);
  assert(!life.updater.mayLeave());
  await life.pass(20_000);
  assert(life.updater.mayLeave());
  assertEquals(life.world.alive.length, 1);
  await life.end();
});

Deno.test("while suspended, no version is found; a crash is healed all the same", async () => {
  const life = new Life();
  const first = await life.serve("v1");
  life.updater.suspend(true);
  life.publish("v2");
  await life.pass(60_000);
  assertEquals(life.current, first);
  first.end({ code: 1, signal: null });
  await life.pass(60_000);
  assertEquals(life.current?.id, "v1");
  life.updater.suspend(false);
  await life.pass(60_000);
  assertEquals(life.current?.id, "v2");
  await life.end();
});

Deno.test("a probation is left as it is: its roll neither succeeds nor fails", async () => {
  const life = new Life({ minHealthyMs: 600_000 });
  await life.serve("v1");
  life.publish("v2");
  await life.pass(120_000);
  assertEquals(life.current?.id, "v2");
  const ends = life.world.of("roll.succeeded").length;
  life.updater.leave();
  await life.world.clock.settle();
  assertEquals([life.ended, life.world.of("roll.succeeded").length], [true, ends]);
  assertEquals(life.world.of("roll.rolled_back"), []);
});
