import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { EngineError } from "../../../../src/container/engine/engine_error.ts";
import { ports, Rig } from "./rig.ts";

Deno.test("one that serves and ends is started again by the engine, on another port", async () => {
  await using rig = new Rig({ replicas: 2 });
  const instance = await rig.serving();
  const [first, second] = rig.fake.all;
  const before = instance.now.map(({ key }) => key);
  const { port } = instance;
  first!.end(1);
  await rig.settle();
  assertEquals(ports(instance), [second!.port]);
  assertEquals(instance.port, second!.port);
  await rig.pass(1_000);
  assertEquals(ports(instance), [first!.port, second!.port]);
  assert(first!.port !== port);
  assertEquals([instance.port, instance.pid], [first!.port, 1_000 + first!.port]);
  assert(!before.includes(instance.now.find((one) => one.port === first!.port)!.key));
  assertEquals(instance.exit, null);
});

Deno.test("one that came back gets requests when it is well, not before", async () => {
  await using rig = new Rig({ replicas: 2 });
  const instance = await rig.serving();
  rig.notWell.add(0);
  rig.fake.all[0]!.end(1);
  await rig.pass(5_000);
  assertEquals(ports(instance).length, 1);
  rig.notWell.clear();
  await rig.pass(1_000);
  assertEquals(ports(instance).length, 2);
});

Deno.test("whom somebody stopped or removed, another one takes the place of", async () => {
  await using rig = new Rig({ replicas: 2 });
  const instance = await rig.serving();
  const [first, second] = rig.fake.all;
  first!.end(0, { byHand: true });
  await rig.engineRemoves(second!.id);
  await rig.pass(5_000);
  assertEquals(rig.places, ["0 running", "1 running"]);
  assert(!rig.fake.all.includes(first!) && !rig.fake.all.includes(second!));
  assertEquals(ports(instance).length, 2);
  const policies = rig.fake.all.map(({ restartPolicy }) => restartPolicy);
  assertEquals(policies, ["unless-stopped", "unless-stopped"]);
});

Deno.test("on probation the first end is one too many", async () => {
  await using rig = new Rig({ replicas: 2, minHealthyMs: 10_000 });
  const instance = await rig.serving();
  rig.fake.all[0]!.end(1);
  assertEquals(await rig.done(instance.exited), { code: 1, signal: null });
});

Deno.test("one that crashes again and again does not end those that are well", async () => {
  await using rig = new Rig({ replicas: 3 });
  const instance = await rig.serving();
  rig.fake.onStart = (container) => {
    if (container === rig.fake.all[0]) rig.clock.after(5_000, () => container.end(1));
  };
  rig.fake.all[0]!.end(1);
  await rig.pass(30_000);
  assertEquals(instance.exit, null);
  assert(ports(instance).length >= 2);
});

Deno.test("when all crash again and again the instance is given up", async () => {
  await using rig = new Rig({ replicas: 2 });
  const instance = await rig.serving();
  rig.fake.onStart = (container) => rig.clock.after(500, () => container.end(1));
  for (const container of rig.fake.all) container.end(1);
  await rig.pass(20_000);
  assertEquals(instance.exit, { code: 1, signal: null });
  // Nobody is put in their place any more.
  assertEquals(rig.fake.asked.filter((call) => call.startsWith("create")).length, 2);
});

Deno.test("an engine that starts a container again before we looked loses no end", async () => {
  await using rig = new Rig();
  const instance = await rig.serving();
  let looks = 0;
  rig.fake.after = async (call, container) => {
    if (call !== "inspect" || looks++ > 2) return;
    // Once more down, and up, while the answer is on its way.
    container!.end(1);
    await rig.settle();
  };
  rig.fake.all[0]!.end(1);
  await rig.pass(10_000);
  assertEquals(ports(instance), [rig.fake.all[0]!.port]);
});

Deno.test("what the engine did while it was away is looked up", async () => {
  await using rig = new Rig({ replicas: 3 });
  const instance = await rig.serving();
  const [first, second, third] = rig.fake.all;
  await rig.pass(1_000);
  rig.fake.goAway();
  await rig.settle();
  first!.restartPolicy = "no";
  first!.end(137);
  second!.end(137);
  await rig.pass(3_000);
  third!.print("still here");
  rig.fake.comeBack();
  await rig.pass(20_000);
  // Started again by us, by the engine, and as it was.
  assertEquals([first, second, third].map((one) => one!.starts), [2, 2, 1]);
  assertEquals(ports(instance), rig.fake.all.map(({ port }) => port));
  assertEquals(instance.exit, null);
  assertEquals(rig.lines, ["still here"]);
});

Deno.test("an end that an engine tells twice counts once", async () => {
  await using rig = new Rig();
  const instance = await rig.serving();
  await rig.pass(1_000);
  const [one] = rig.fake.all;
  one!.end(1);
  await rig.pass(2_000);
  rig.fake.tell(one!, "died", { exitCode: 1, at: 1_000 });
  await rig.pass(1_000);
  assertEquals(ports(instance), [one!.port]);
  assertEquals(rig.told.filter((line) => line.includes("ended with")).length, 1);
});

Deno.test("what serves and cannot grow goes on trying", async () => {
  await using rig = new Rig({ replicas: 2 });
  const instance = await rig.serving();
  const never = new AbortController().signal;
  await rig.done(instance.shrink(1, () => Promise.resolve()));
  let isFull = true;
  rig.fake.before = (call) => {
    if (call.startsWith("create") && isFull) throw new Error("no space left");
  };
  await assertRejects(() => rig.done(instance.grow(2, 5_000, never)), Error, "no space left");
  isFull = false;
  await rig.pass(20_000);
  assertEquals(rig.places, ["0 running", "1 running"]);
  assertEquals(ports(instance).length, 2);
});

Deno.test("when nobody serves and nobody can be put there, that is the end", async () => {
  await using rig = new Rig();
  const instance = await rig.serving();
  rig.fake.before = (call) => {
    if (call.startsWith("create")) throw new EngineError("create", "failed", "disk full", 500);
  };
  await rig.engineRemoves(rig.fake.all[0]!.id);
  await rig.pass(5_000);
  assertEquals(instance.exit, { code: -1, signal: null });
  assertMatch(rig.told.join("\n"), /cannot be replaced: .*disk full/);
});

Deno.test("one that the engine starts again later and later is left to the engine", async () => {
  await using rig = new Rig({ replicas: 2 });
  const instance = await rig.serving();
  const [first] = rig.fake.all;
  first!.restartMs = 30_000;
  first!.end(1);
  await rig.pass(25_000);
  assertEquals([rig.fake.all[0], ports(instance).length], [first, 1]);
  await rig.pass(10_000);
  assertEquals([first!.starts, ports(instance).length], [2, 2]);
});

Deno.test("on probation an engine that stops and comes back ends nobody", async () => {
  await using rig = new Rig({ replicas: 2, minHealthyMs: 300_000 });
  const instance = await rig.serving();
  for (const one of rig.fake.all) {
    rig.fake.tell(one, "signalled");
    one.end(143);
  }
  await rig.settle();
  assertMatch(instance.excuse ?? "", /^somebody ended container web-i7-/);
  rig.fake.goAway();
  await rig.pass(20_000);
  assertEquals(instance.excuse, "the container engine is away");
  rig.fake.comeBack();
  await rig.pass(20_000);
  assertEquals([instance.exit, ports(instance).length], [null, 2]);
  assertEquals(instance.excuse, null, "whatever it answers from here on is its own doing");
  await rig.pass(60_000);
  rig.fake.all[0]!.end(1);
  assertEquals(await rig.done(instance.exited), { code: 1, signal: null });
  assertEquals(instance.excuse, null);
});

Deno.test("on probation an engine that falls and comes back ends nobody", async () => {
  await using rig = new Rig({ minHealthyMs: 300_000 });
  const instance = await rig.serving();
  rig.fake.goAway();
  rig.fake.all[0]!.end(137);
  await rig.pass(5_000);
  rig.notWell.add(0);
  rig.fake.comeBack();
  await rig.pass(10_000);
  assertEquals(instance.excuse, "the container engine was away");
  // Who does not get well in all that time is no better than before.
  await rig.pass(60_000);
  assertEquals([instance.excuse, instance.exit], [null, null]);
});

Deno.test("on probation an engine that came back excuses no crash loop", async () => {
  await using rig = new Rig({ minHealthyMs: 300_000 });
  const instance = await rig.serving();
  rig.fake.goAway();
  await rig.pass(1_000);
  rig.fake.comeBack();
  rig.fake.onStart = (one) => rig.clock.after(500, () => one.end(1));
  await rig.pass(10_000);
  rig.fake.all[0]!.end(1);
  await rig.done(instance.exited);
  assertEquals(instance.excuse, null);
});

Deno.test("who cannot be reached while the engine is away gets no requests until it is back", async () => {
  await using rig = new Rig({ replicas: 2 });
  const instance = await rig.serving();
  rig.fake.goAway();
  await rig.pass(2_000);
  assertEquals(ports(instance).length, 2, "an engine is not needed to serve");
  rig.isCutOff = true;
  await rig.pass(500);
  assertEquals(ports(instance), []);
  rig.notWell.add(1);
  rig.fake.comeBack();
  await rig.pass(10_000);
  assertEquals(ports(instance), [rig.fake.all[0]!.port]);
  rig.notWell.clear();
  await rig.pass(1_000);
  assertEquals([ports(instance).length, instance.exit], [2, null]);
  assertEquals(rig.fake.all.map(({ starts }) => starts), [1, 1]);
});

Deno.test("an engine that went away when it should have kept one alive is told again", async () => {
  await using rig = new Rig();
  const instance = await rig.start();
  rig.fake.goAway();
  rig.commit(instance);
  await rig.pass(5_000);
  assertEquals(rig.fake.all[0]!.restartPolicy, "no");
  rig.fake.comeBack();
  await rig.pass(10_000);
  assertEquals(rig.fake.all[0]!.restartPolicy, "unless-stopped");
});

/** The engine says no to one kind of call, so many times. */
function refuse(rig: Rig, kind: string, times: number): void {
  let left = times;
  rig.fake.before = (call) => {
    if (call === kind && left-- > 0) throw new EngineError(`ask (${call})`, "failed", "busy", 500);
  };
}

for (const times of [1, 5]) {
  Deno.test(`an engine that errs ${times} times while one is stopped by hand loses no place`, async () => {
    await using rig = new Rig();
    const instance = await rig.serving();
    refuse(rig, "inspect", times);
    rig.fake.all[0]!.end(0, { byHand: true });
    await rig.pass(60_000);
    assertEquals(rig.places, ["0 running"]);
    assertEquals([instance.exit, ports(instance).length], [null, 1]);
  });
}

Deno.test("an engine that errs after it was away loses nobody who runs", async () => {
  await using rig = new Rig({ replicas: 2 });
  const instance = await rig.serving();
  rig.isCutOff = true;
  rig.fake.goAway();
  await rig.pass(5_000);
  assertEquals(ports(instance), []);
  refuse(rig, "inspect", 1);
  rig.isCutOff = false;
  rig.fake.comeBack();
  await rig.pass(30_000);
  assertEquals(ports(instance).length, 2);
});

Deno.test("a container that came back is seen to serve, however often the engine errs", async () => {
  await using rig = new Rig({ replicas: 2 });
  const instance = await rig.serving();
  refuse(rig, "inspect", 3);
  rig.fake.all[0]!.end(1);
  await rig.pass(30_000);
  assertEquals(ports(instance).length, 2);
  assertEquals(rig.places, ["0 running", "1 running"]);
});

Deno.test("that a container is to be started again is said until the engine has heard it", async () => {
  await using rig = new Rig();
  refuse(rig, "policy unless-stopped", 2);
  await rig.serving();
  await rig.pass(10_000);
  assertEquals(rig.fake.all[0]!.restartPolicy, "unless-stopped");
});
