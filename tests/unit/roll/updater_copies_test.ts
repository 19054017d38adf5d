import { assertEquals } from "@std/assert";
import { Life } from "./fair_world.ts";
import { type FakeCopies, madeOfCopies } from "./fake_copies.ts";

/** An updater whose instances are made of three copies each. */
function setUp() {
  const all: FakeCopies[] = [];
  const life = new Life({}, (world) => madeOfCopies(world, (copies) => all.push(copies)));
  const told = () => {
    const { state, detail } = life.world.of("state").at(-1)!;
    return `${state}: ${detail}`;
  };
  return { life, all, told };
}

Deno.test("copies that are not well are told in the step in which that changes", async () => {
  const { life, all, told } = setUp();
  await life.serve("v1");
  const [copies] = all;
  assertEquals(told(), "serving: serving v1 on port 9101");
  copies!.change(2);
  await life.world.clock.settle();
  assertEquals(told(), "serving: serving v1 on port 9101; 2 of 3 are well");
  copies!.change(0);
  await life.world.clock.settle();
  assertEquals(told(), "degraded: serving v1 on port 9101; 0 of 3 are well");
  copies!.change(3);
  await life.world.clock.settle();
  assertEquals(told(), "serving: serving v1 on port 9101");
  await life.end();
});

Deno.test("several changes in one step are told once, as they are in the end", async () => {
  const { life, all, told } = setUp();
  await life.serve("v1");
  const before = life.world.of("state").length;
  for (const well of [2, 1, 0, 2]) all[0]!.change(well);
  await life.world.clock.settle();
  assertEquals(life.world.of("state").length - before, 1);
  assertEquals(told(), "serving: serving v1 on port 9101; 2 of 3 are well");
  await life.end();
});

Deno.test("copies of a version that serves no more are no news", async () => {
  const { life, all, told } = setUp();
  await life.serve("v1");
  life.publish("v2");
  await life.pass(30_000);
  const [old, fresh] = all;
  assertEquals([old!.listeners.size, fresh!.listeners.size], [0, 1]);
  fresh!.change(1);
  await life.world.clock.settle();
  assertEquals(told(), "serving: serving v2 on port 9102; 1 of 3 are well");
  await life.end();
});

Deno.test("whatever becomes of copies when it has ended, the last word stays the last", async () => {
  const { life, all, told } = setUp();
  await life.serve("v1");
  await life.end();
  all[0]!.change(0);
  await life.world.clock.settle();
  assertEquals([told(), all[0]!.listeners.size], ["stopped: stopped", 0]);
});
