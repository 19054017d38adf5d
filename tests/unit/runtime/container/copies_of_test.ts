import { assertEquals } from "@std/assert";
import type { Copies } from "../../../../src/roll/copies.ts";
import { Rig } from "./rig.ts";

/** `wanted`, `well` and the state of each. */
function standing({ wanted, well, all }: Copies): [number, number, string] {
  return [wanted, well, all.map(({ state }) => state).join(" ")];
}

Deno.test("containers that serve are well, and say where they answer", async () => {
  await using rig = new Rig({ replicas: 3 });
  const { copies } = await rig.serving();
  assertEquals(standing(copies), [3, 3, "well well well"]);
  assertEquals(copies.shortage, null);
  const [first] = rig.fake.all;
  const { name, id, port } = copies.all[0]!;
  assertEquals([name, port], [first!.name, first!.port]);
  assertEquals([id.length, first!.id.startsWith(id)], [12, true]);
  assertEquals(copies.all.map(({ restarts, lastEnd }) => [restarts, lastEnd]), [
    [0, null],
    [0, null],
    [0, null],
  ]);
});

Deno.test("one that ends is missing until it is back and well, and how it ended stays known", async () => {
  await using rig = new Rig({ replicas: 3 });
  const instance = await rig.serving();
  const [, second] = rig.fake.all;
  rig.notWell.add(1);
  await rig.pass(5_000);
  const endedAt = rig.clock.now();
  second!.end(137, { isOutOfMemory: true });
  await rig.settle();
  assertEquals(standing(instance.copies), [3, 2, "well ended well"]);
  assertEquals(instance.copies.shortage, "2 of 3 containers are well");
  assertEquals(instance.copies.all[1]?.port, null);
  const lastEnd = { code: 137, isOutOfMemory: true, at: endedAt };
  assertEquals(instance.copies.all[1]?.lastEnd, lastEnd);
  await rig.pass(3_000);
  assertEquals(standing(instance.copies), [3, 2, "well starting well"]);
  rig.notWell.clear();
  await rig.pass(1_000);
  assertEquals(standing(instance.copies), [3, 3, "well well well"]);
  const { restarts, lastEnd: kept } = instance.copies.all[1]!;
  assertEquals([restarts, kept], [1, lastEnd]);
});

Deno.test("one that was removed is told until another one is there", async () => {
  await using rig = new Rig({ replicas: 2 });
  const instance = await rig.serving();
  let isFull = true;
  rig.fake.before = (call) => {
    if (call.startsWith("create") && isFull) throw new Error("no space left");
  };
  await rig.engineRemoves(rig.fake.all[0]!.id);
  await rig.settle();
  assertEquals(standing(instance.copies), [2, 1, "removed well"]);
  assertEquals(instance.copies.shortage, "1 of 2 containers is well");
  isFull = false;
  await rig.pass(20_000);
  assertEquals(standing(instance.copies), [2, 2, "well well"]);
});

Deno.test("one that calls itself unhealthy is not well, and whoever listens hears of it", async () => {
  await using rig = new Rig();
  const instance = await rig.serving();
  const heard: string[] = [];
  using _ = instance.replicas.onChange(() => heard.push(instance.copies.shortage ?? "all well"));
  for (const health of ["unhealthy", "healthy"] as const) {
    rig.fake.all[0]!.health = health;
    rig.fake.tell(rig.fake.all[0]!, "health", { health });
    await rig.settle();
  }
  assertEquals(heard, ["its container is not well", "all well"]);
});

Deno.test("one that is set aside is not well until it is again", async () => {
  await using rig = new Rig({ replicas: 3 });
  const instance = await rig.serving();
  rig.notWell.add(1);
  for (let times = 0; times < 3; times++) {
    assertEquals(standing(instance.copies), [3, 3, "well well well"]);
    await rig.probe(instance, new AbortController().signal);
  }
  assertEquals(standing(instance.copies), [3, 2, "well unwell well"]);
  rig.notWell.clear();
  await rig.pass(1_000);
  assertEquals(standing(instance.copies), [3, 3, "well well well"]);
  const types = rig.events.map(({ type }) => type);
  assertEquals(types, ["container.set_aside", "container.well_again"]);
});

Deno.test("what is exchanged bit by bit wants as many as are left to it", async () => {
  await using rig = new Rig({ replicas: 3 });
  const instance = await rig.serving();
  await rig.done(instance.shrink(1, () => Promise.resolve()));
  assertEquals(standing(instance.copies), [1, 1, "well"]);
  await rig.done(instance.grow(3, 5_000, new AbortController().signal));
  assertEquals(standing(instance.copies), [3, 3, "well well well"]);
});

Deno.test("of what is taken over one that does not run is missing at once", async () => {
  await using rig = new Rig({ replicas: 2 });
  rig.leftover(0).end(3);
  rig.leftover(1);
  const instance = await rig.find();
  rig.commit(instance!, "instance.adopted" as never);
  assertEquals(standing(instance!.copies), [2, 1, "removed well"]);
  const { code } = instance!.copies.all[0]!.lastEnd!;
  assertEquals(code, 3);
  await rig.pass(20_000);
  assertEquals(standing(instance!.copies), [2, 2, "well well"]);
});

Deno.test("that one died, came back, was lost and replaced is told to everybody", async () => {
  await using rig = new Rig({ replicas: 2 });
  const instance = await rig.serving();
  const [first, second] = rig.fake.all;
  first!.end(137, { isOutOfMemory: true });
  await rig.pass(5_000);
  await rig.engineRemoves(second!.id);
  await rig.pass(5_000);
  const third = rig.fake.all.find((one) => one !== first)!;
  const { key, id } = instance;
  assertEquals(rig.events.map(({ instance: { key, id }, ...rest }) => ({ ...rest, key, id })), [
    { type: "container.died", container: first!.name, code: 137, outOfMemory: true, key, id },
    { type: "container.back", container: first!.name, key, id },
    { type: "container.died", container: second!.name, code: 137, outOfMemory: false, key, id },
    { type: "container.removed", container: second!.name, key, id },
    { type: "container.replaced", container: third.name, key, id },
  ]);
});

Deno.test("containers that stay away for a minute are told once, and that all are there again", async () => {
  await using rig = new Rig({ replicas: 3 });
  await rig.serving();
  const told = () => rig.events.filter(({ type }) => type.startsWith("containers."));
  rig.fake.all[0]!.end(1);
  await rig.pass(120_000);
  assertEquals(told(), [], "one that is back in time is no news");
  let isFull = true;
  rig.fake.before = (call) => {
    if (call.startsWith("create") && isFull) throw new Error("no space left");
  };
  const [, ...lost] = rig.fake.all;
  for (const { id } of lost) await rig.engineRemoves(id);
  await rig.pass(59_000);
  assertEquals(told(), []);
  await rig.pass(120_000);
  assertEquals(told().map(({ instance: _, ...rest }) => rest), [
    { type: "containers.missing", detail: "1 of 3 containers is well" },
  ]);
  isFull = false;
  await rig.pass(20_000);
  assertEquals(told().map(({ type }) => type), ["containers.missing", "containers.complete"]);
});

Deno.test("what is missing from the beginning is told, too; what ends is not", async () => {
  for (const isStopped of [false, true]) {
    await using rig = new Rig({ replicas: 2 });
    rig.fake.before = (call) => {
      if (call.startsWith("create")) throw new Error("no space left");
    };
    rig.leftover(1);
    const instance = await rig.find();
    rig.commit(instance!, "instance.adopted" as never);
    await rig.pass(30_000);
    if (isStopped) await rig.done(instance!.stop());
    await rig.pass(60_000);
    const told = rig.events.filter(({ type }) => type.startsWith("containers."));
    assertEquals(told.length, isStopped ? 0 : 1);
  }
});
