import { assert, assertEquals, assertMatch } from "@std/assert";
import { EngineError } from "../../../../src/container/engine/engine_error.ts";
import type { ImageShelf } from "../../../../src/runtime/container/known_images.ts";
import { LABELS } from "../../../../src/runtime/container/labels.ts";
import { IDENTITY, ports, Rig } from "./rig.ts";

Deno.test("containers of a former life are taken over, and hear what is new only", async () => {
  await using rig = new Rig({ replicas: 2 });
  rig.leftover(0).print("long ago, hunter2");
  rig.leftover(1);
  const instance = await rig.find();
  await rig.settle();
  rig.commit(instance!);
  rig.fake.all[0]!.print("now");
  await rig.settle();
  assertEquals(ports(instance!).length, 2);
  assertEquals(rig.lines, ["now"]);
  assertEquals(instance!.lastLines(), ["long ago, ***", "now"]);
  assertEquals(await rig.find(), instance);
});

Deno.test("of those that were left the missing ones are made, the dead ones made anew", async () => {
  await using rig = new Rig({ replicas: 4 });
  rig.leftover(1);
  const dead = rig.leftover(2, { runs: false });
  const instance = await rig.find();
  rig.commit(instance!);
  await rig.pass(5_000);
  assertEquals(rig.places, ["0 running", "1 running", "2 running", "3 running"]);
  assert(!rig.fake.all.includes(dead));
  assertEquals(ports(instance!).length, 4);
});

Deno.test("of more than there should be, those too many get no more requests, then they end", async () => {
  await using rig = new Rig({ replicas: 1 });
  for (const number of [0, 1, 2]) rig.leftover(number);
  const instance = await rig.find();
  rig.commit(instance!);
  await rig.settle();
  assertEquals(ports(instance!), [rig.fake.all[0]!.port]);
  assertEquals(rig.places.length, 3);
  await rig.pass(15_000);
  assertEquals(rig.places, ["0 running"]);
});

Deno.test("what somebody has run from an image of our container is none of ours", async () => {
  await using rig = new Rig();
  const [ours, theirs, older] = [
    rig.leftover(0),
    rig.leftover(0),
    rig.leftover(0, { token: "t9" }),
  ];
  for (const copy of [theirs, older]) {
    const image = { id: `copy ${copy.id}`, tags: [], digests: [], labels: copy.body.Labels! };
    rig.fake.images.here.push(image);
    Object.assign(copy.body, { Image: image.id });
  }
  assertEquals(await rig.runtime.findOrphans([{ ...IDENTITY } as never]), []);
  const instance = await rig.find();
  rig.commit(instance!);
  assertEquals(ports(instance!), [ours.port]);
  await rig.done(instance!.stop());
  assertEquals(rig.fake.all, [theirs, older]);
});

Deno.test("an end is heard also of one from before the state directory was moved", async () => {
  await using rig = new Rig({ replicas: 2 });
  rig.leftover(0);
  const moved = rig.leftover(1);
  Object.assign(moved.body.Labels!, { [LABELS.state]: "elsewhere" });
  const instance = await rig.find();
  rig.commit(instance!);
  await rig.settle();
  moved.end(1, { byHand: true });
  await rig.settle();
  assertEquals(ports(instance!), [rig.fake.all[0]!.port]);
});

Deno.test("where all are dead there is nothing to take over, and nothing remains of it", async () => {
  await using rig = new Rig({ replicas: 2 });
  rig.leftover(0, { runs: false });
  const instance = await rig.find();
  assertEquals(instance!.exit, { code: -1, signal: null });
  await rig.done(instance!.stop());
  assertEquals(rig.fake.names, []);
});

Deno.test("one that dies while it is being taken over is not taken for alive", async () => {
  await using rig = new Rig();
  const left = rig.leftover(0);
  let looks = 0;
  rig.fake.after = async (call) => {
    if (call !== "inspect" || looks++ > 0) return;
    left.end(1);
    await rig.settle();
  };
  const instance = await rig.find();
  assertEquals([ports(instance!), instance!.exit?.code], [[], -1]);
});

Deno.test("one that was made for another port is no survivor, and is stopped", async () => {
  await using rig = new Rig();
  const left = rig.leftover(0);
  Object.assign(left.body.HostConfig!, { PortBindings: { "9/tcp": [] } });
  const instance = await rig.find();
  assertEquals(instance!.exit, { code: -1, signal: null });
  assertMatch(rig.told.join(), /port 8080 of container web-i7-0-\S+ is not published/);
  await rig.done(instance!.stop());
  assertEquals(rig.fake.names, []);
});

const SHELVES: Readonly<Record<string, ImageShelf>> = {
  // `leftover` names its image by the version, which is none of the names that are asked for today.
  "has another name today": {
    exposedPorts: (name) => Promise.resolve(name === IDENTITY.id ? ["8080/tcp"] : null),
  },
  "is not here any more": { exposedPorts: () => Promise.resolve(null) },
  "does not say its port, as the option did": { exposedPorts: () => Promise.resolve([]) },
};

for (const [what, shelf] of Object.entries(SHELVES)) {
  Deno.test(`who serves is taken over although its image ${what}`, async () => {
    await using rig = new Rig({ shelf });
    const left = rig.leftover(0);
    const instance = await rig.find();
    rig.commit(instance!);
    await rig.pass(20_000);
    assertEquals([ports(instance!), rig.places], [[left.port], ["0 running"]]);
  });
}

Deno.test("what the engine says of an image while it is not well is no news of the image", async () => {
  let isWell = false;
  const failed = new EngineError("look at image", "failed", "containerd is gone", 500);
  const exposedPorts = () => isWell ? Promise.resolve(["8080/tcp"]) : Promise.reject(failed);
  await using rig = new Rig({ shelf: { exposedPorts } });
  const left = rig.leftover(0);
  const finding = rig.find();
  await rig.pass(60_000);
  isWell = true;
  assertEquals(ports((await rig.done(finding))!), [left.port]);
});

Deno.test("beside those that were taken over a missing one is made for the same port", async () => {
  await using rig = new Rig({
    replicas: 2,
    shelf: SHELVES["does not say its port, as the option did"]!,
  });
  rig.leftover(0);
  const instance = await rig.find();
  rig.commit(instance!);
  await rig.pass(5_000);
  assertEquals(Object.keys(rig.fake.all[1]!.body.ExposedPorts!), ["8080/tcp"]);
  assertEquals(ports(instance!).length, 2);
});

for (const look of ["first", "second"]) {
  Deno.test(`one that the engine cannot look at is replaced, the others go on (${look} look)`, async () => {
    await using rig = new Rig({ replicas: 3 });
    const [broken, ...others] = [0, 1, 2].map((number) => rig.leftover(number));
    let looks = 0;
    rig.fake.before = (call, container) => {
      if (call !== "inspect" || container !== broken) return;
      if (look === "second" && looks++ % 2 === 0) return;
      throw new EngineError("look at it", "failed", "RWLayer is unexpectedly nil", 500);
    };
    const finding = rig.find();
    let isFound = false;
    finding.then(() => isFound = true);
    await rig.pass(5_000);
    assertEquals(isFound, false, "it may pass");
    const instance = await rig.done(finding);
    assertEquals(ports(instance!), others.map(({ port }) => port));
    rig.commit(instance!);
    await rig.pass(15_000);
    assertEquals([ports(instance!).length, rig.fake.all.includes(broken!)], [3, false]);
  });
}

Deno.test("one that the engine cannot look at is not left when the others are stopped", async () => {
  await using rig = new Rig({ replicas: 2 });
  const broken = rig.leftover(0);
  rig.leftover(1);
  rig.fake.before = (call, container) => {
    if (call !== "inspect" || container !== broken) return;
    throw new EngineError("look at it", "failed", "RWLayer is unexpectedly nil", 500);
  };
  const instance = await rig.done(rig.find());
  await rig.done(instance!.stop());
  assertEquals(rig.fake.names, []);
});

Deno.test("leaving ends nothing, and nothing of ours goes on", async () => {
  await using rig = new Rig({ replicas: 2 });
  const instance = await rig.serving();
  await rig.done(rig.runtime.stopAll());
  assertEquals(rig.places, ["0 running", "1 running"]);
  const calls = rig.fake.asked.length;
  rig.fake.all[0]!.end(0, { byHand: true });
  await rig.pass(20_000);
  assertEquals(rig.fake.asked.length, calls);
  assertEquals(ports(instance).length, 2);
});

Deno.test("of those that were left one may be sick: the others serve on, and it is replaced", async () => {
  await using rig = new Rig({ replicas: 3, minHealthyMs: 60_000 });
  const [first, sick, third] = [0, 1, 2].map((number) => rig.leftover(number));
  rig.notWell.add(1);
  const instance = await rig.find();
  const signal = new AbortController().signal;
  assertEquals(await rig.probe(instance!, signal), { healthy: true });
  rig.commit(instance!);
  assertEquals(ports(instance!), [first!.port, third!.port]);
  // While they are watched, one that has served already is as bad as any other.
  assertEquals((await rig.probe(instance!, signal)).healthy, false);
  await rig.pass(15_000);
  assertEquals(rig.places, ["0 running", "1 running", "2 running"]);
  assertEquals([rig.fake.all.includes(sick!), ports(instance!).length], [false, 3]);
  assertMatch(rig.told.join(), /Container web-i7-1-\S+ is not well: another one takes its place/);
});

for (const how of ["ends", "is removed"]) {
  Deno.test(`one of those that are taken over ${how} before they serve: the others go on`, async () => {
    await using rig = new Rig({ replicas: 3 });
    const [first, lost, third] = [0, 1, 2].map((number) => rig.leftover(number));
    const instance = await rig.find();
    await rig.settle();
    if (how === "ends") lost!.end(1);
    else await rig.engineRemoves(lost!.id);
    await rig.settle();
    assertEquals([instance!.exit, ports(instance!)], [null, [first!.port, third!.port]]);
    rig.commit(instance!);
    await rig.pass(15_000);
    assertEquals(rig.places, ["0 running", "1 running", "2 running"]);
    assertEquals(ports(instance!).length, 3);
  });
}

Deno.test("all of those that are taken over end before they serve: it has ended", async () => {
  await using rig = new Rig({ replicas: 2 });
  const both = [rig.leftover(0), rig.leftover(1)];
  const instance = await rig.find();
  await rig.settle();
  for (const one of both) one.end(1);
  await rig.settle();
  assertEquals(instance!.exit?.code, 1);
});

Deno.test("while its engine is away, and a minute after, nothing is held against one that was found", async () => {
  await using rig = new Rig();
  rig.leftover(0);
  const instance = await rig.find();
  const ask = async () => (await rig.probe(instance!, new AbortController().signal)).healthy;
  rig.fake.goAway();
  await rig.settle();
  assertEquals([await ask(), instance!.excuse], [false, "the container engine is away"]);
  await rig.pass(600_000);
  rig.fake.comeBack();
  await rig.pass(10_000);
  assertEquals([await ask(), instance!.excuse], [true, "the container engine was away"]);
  await rig.pass(60_000);
  assertEquals(instance!.excuse, null);
});

Deno.test("one that is well again in time gets requests, and stays", async () => {
  await using rig = new Rig({ replicas: 2 });
  const both = [rig.leftover(0), rig.leftover(1)];
  rig.notWell.add(0);
  const instance = await rig.find();
  await rig.probe(instance!, new AbortController().signal);
  rig.commit(instance!);
  await rig.pass(5_000);
  assertEquals(ports(instance!).length, 1);
  rig.notWell.clear();
  await rig.pass(20_000);
  assertEquals([rig.fake.all, ports(instance!).length], [both, 2]);
});

Deno.test("when all that were left are sick there is nobody to go on with", async () => {
  await using rig = new Rig({ replicas: 2 });
  for (const number of [0, 1]) rig.leftover(number);
  for (const number of [0, 1]) rig.notWell.add(number);
  const instance = await rig.find();
  const result = await rig.probe(instance!, new AbortController().signal);
  assertEquals(result, { healthy: false, detail: "it says 503" });
});
