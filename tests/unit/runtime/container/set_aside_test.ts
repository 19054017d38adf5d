import { assertEquals, assertMatch } from "@std/assert";
import type { ProbeResult } from "../../../../src/roll/effects.ts";
import type { ContainerInstance } from "../../../../src/runtime/container/container_instance.ts";
import { ports, Rig } from "./rig.ts";

const signal = new AbortController().signal;

/** Asks as often as it takes until a bad one is believed to be bad. */
async function threeTimes(rig: Rig, instance: ContainerInstance): Promise<ProbeResult> {
  for (let times = 0; times < 2; times++) await rig.probe(instance, signal);
  return await rig.probe(instance, signal);
}

Deno.test("one of several that does not answer any more gets no requests, and is replaced", async () => {
  await using rig = new Rig({ replicas: 3 });
  const instance = await rig.serving();
  const [first, hung, third] = rig.fake.all;
  rig.notWell.add(1);
  for (let times = 0; times < 2; times++) {
    assertEquals(await rig.probe(instance, signal), { healthy: true });
    assertEquals(ports(instance).length, 3, "once or twice may be bad luck");
  }
  assertEquals(await rig.probe(instance, signal), { healthy: true });
  assertEquals(ports(instance), [first!.port, third!.port]);
  assertMatch(rig.told.join(), /Container web-i7-1-\S+ gets no requests: it says 503/);
  await rig.pass(15_000);
  assertEquals(rig.places, ["0 running", "1 running", "2 running"]);
  assertEquals([rig.fake.all.includes(hung!), ports(instance).length], [false, 3]);
  assertEquals(instance.exit, null);
});

Deno.test("one that is well again in time comes back, and starts counting anew", async () => {
  await using rig = new Rig({ replicas: 2 });
  const instance = await rig.serving();
  const all = rig.fake.all;
  rig.notWell.add(0);
  await threeTimes(rig, instance);
  assertEquals(ports(instance), [all[1]!.port]);
  rig.notWell.clear();
  await rig.pass(20_000);
  assertEquals([rig.fake.all, ports(instance).length], [all, 2]);
  assertMatch(rig.told.join(), /Container web-i7-0-\S+ is well again/);
  rig.notWell.add(0);
  await rig.probe(instance, signal);
  assertEquals(ports(instance).length, 2);
});

Deno.test("at most half of them are set aside at a time", async () => {
  await using rig = new Rig({ replicas: 5 });
  const instance = await rig.serving();
  for (const number of [0, 1, 2, 3]) rig.notWell.add(number);
  assertEquals(await threeTimes(rig, instance), { healthy: true });
  assertEquals(ports(instance).length, 3);
});

Deno.test("where none is well it is not well as a whole, and nobody is set aside", async () => {
  await using rig = new Rig({ replicas: 2 });
  const instance = await rig.serving();
  for (const number of [0, 1]) rig.notWell.add(number);
  assertEquals(await threeTimes(rig, instance), { healthy: false, detail: "it says 503" });
  assertEquals(ports(instance).length, 2);
});

Deno.test("a new version is not well as long as one of its containers is not", async () => {
  await using rig = new Rig({ replicas: 3, minHealthyMs: 60_000 });
  const instance = await rig.serving();
  rig.notWell.add(1);
  assertEquals((await threeTimes(rig, instance)).healthy, false);
  assertEquals(ports(instance).length, 3);
});

for (const replicas of [1, 2]) {
  const what = replicas === 1 ? "the only one" : "one of two";
  Deno.test(`${what} whose own health check says unhealthy`, async () => {
    await using rig = new Rig({ replicas });
    const instance = await rig.serving();
    const [first] = rig.fake.all;
    first!.health = "unhealthy";
    rig.fake.tell(first!, "health", { health: "unhealthy" });
    await rig.settle();
    // Nobody could serve in the place of the only one: for that there is --liveness-interval.
    assertEquals(ports(instance).length, 1);
    assertEquals(ports(instance).includes(first!.port), replicas === 1);
    first!.health = "healthy";
    rig.fake.tell(first!, "health", { health: "healthy" });
    await rig.pass(5_000);
    assertEquals(ports(instance).length, replicas);
  });
}

Deno.test("one that does not get well ends in order, not at once", async () => {
  await using rig = new Rig({ replicas: 2 });
  const instance = await rig.serving();
  const [sick] = rig.fake.all;
  rig.notWell.add(0);
  await threeTimes(rig, instance);
  await rig.pass(30_000);
  const ends = rig.fake.asked.filter((call) => /^(stop|remove) \S+-i7-0-/.test(call));
  assertEquals(ends, [`stop ${sick!.name}`, `remove ${sick!.name}`]);
  assertEquals(rig.places, ["0 running", "1 running"]);
});

Deno.test("whom nobody wants any more nobody takes the place of", async () => {
  await using rig = new Rig({ replicas: 3 });
  const instance = await rig.serving();
  rig.notWell.add(2);
  await threeTimes(rig, instance);
  await instance.shrink(2, () => Promise.resolve());
  await rig.pass(30_000);
  assertEquals(rig.places, ["0 running", "1 running"]);
});
