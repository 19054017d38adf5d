import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import {
  EngineError,
  EngineUnreachableError,
} from "../../../../src/container/engine/engine_error.ts";
import { OutageError, RemainsError } from "../../../../src/roll/effects.ts";
import { IDENTITY, ports, Rig, VERSION } from "./rig.ts";

Deno.test("an instance answers where its containers are published, and says who it is", async () => {
  await using rig = new Rig({ replicas: 3 });
  const instance = await rig.start();
  assertEquals(rig.places, ["0 running", "1 running", "2 running"]);
  assertEquals(ports(instance), rig.fake.all.map(({ port }) => port));
  assertEquals(new Set(instance.now.map(({ key }) => key)).size, 3);
  assertEquals([instance.port, instance.pid], [rig.fake.all[0]!.port, 1_000 + instance.port]);
  assertEquals(rig.fake.all.map(({ restartPolicy }) => restartPolicy), ["no", "no", "no"]);
  const { labels } = rig.fake.all[1]!;
  assertEquals(
    [labels["liveroll.version"], labels["liveroll.instance"], labels["liveroll.replica"]],
    [VERSION, "i7", "1"],
  );
  assertEquals([labels["liveroll.roll"], labels["liveroll.role"]], ["7", "replica"]);
});

Deno.test("what is not proven stays down; what serves comes up with the machine", async () => {
  await using rig = new Rig({ replicas: 2 });
  await rig.serving();
  const policies = rig.fake.all.map(({ restartPolicy }) => restartPolicy);
  assertEquals(policies, ["unless-stopped", "unless-stopped"]);
});

Deno.test("one that cannot be made takes the others with it, also those still being made", async () => {
  await using rig = new Rig({ replicas: 3 });
  rig.fake.before = async (call) => {
    if (call.startsWith("create web-i7-1")) throw new Error("no space left");
    if (call.startsWith("create web-i7-2")) await rig.clock.sleep(5_000);
  };
  await assertRejects(() => rig.done(rig.start()), Error, "no space left");
  assertEquals(rig.fake.names, []);
});

Deno.test("one that the engine made without telling us is not left behind", async () => {
  await using rig = new Rig();
  rig.fake.after = (call) => {
    if (call === "create") throw new EngineUnreachableError("no answer came in time", "silent");
  };
  await assertRejects(() => rig.done(rig.start()), OutageError, "no answer came in time");
  assertEquals(rig.fake.names, []);
});

for (const [step, call] of [["created", "create web"], ["started", "start web"]] as const) {
  Deno.test(`an engine that falls when one was ${step} is an outage, and nothing is left`, async () => {
    await using rig = new Rig({ replicas: 2 });
    rig.fake.after = () => {
      if (rig.fake.asked.some((one) => one.startsWith(call))) rig.fake.goAway();
    };
    const error = await assertRejects(() => rig.done(rig.start()), RemainsError);
    assertMatch(String(error.why), /^OutageError: .*the engine is away/);
    assert(rig.fake.names.length > 0, "it was made in spite of all");
    rig.fake.after = () => {};
    rig.fake.comeBack();
    await rig.pass(10_000);
    assertEquals(rig.fake.names, []);
  });
}

Deno.test("what is said in words only while the engine is away is an outage, too", async () => {
  await using rig = new Rig();
  rig.fake.before = (call) => {
    if (!call.startsWith("create")) return;
    rig.fake.goAway();
    throw new Error("Cannot connect to the Docker daemon");
  };
  const { why } = await assertRejects(() => rig.done(rig.start()), RemainsError);
  assertMatch(String(why), /^OutageError: .*to the Docker daemon \(the cont/);
});

Deno.test("before it serves, whatever happens to it with the engine is not its fault", async () => {
  await using rig = new Rig({ replicas: 2 });
  const instance = await rig.start();
  assertEquals(instance.excuse, null);
  rig.fake.goAway();
  await rig.settle();
  assertEquals(instance.excuse, "the container engine is away");
  rig.fake.all[0]!.end(137);
  rig.fake.comeBack();
  await rig.done(instance.exited);
  assertEquals(instance.excuse, "the container engine was away");
  await rig.pass(600_000);
  assertEquals(instance.excuse, "the container engine was away", "as it was at its end");
});

Deno.test("what somebody else ends before it serves is not to blame, what ends by itself is", async () => {
  await using rig = new Rig();
  const instance = await rig.start();
  const [one] = rig.fake.all;
  // An engine that is told to stop does so, and is still there for a moment.
  rig.fake.tell(one!, "signalled");
  one!.end(0);
  await rig.done(instance.exited);
  assertEquals(instance.excuse, `somebody ended container ${one!.name}`);

  await using other = new Rig();
  const bad = await other.start();
  other.fake.tell(other.fake.all[0]!, "signalled");
  await other.pass(31_000);
  other.fake.all[0]!.end(1);
  await other.done(bad.exited);
  assertEquals(bad.excuse, null);
});

Deno.test("an engine that falls right after an end has caused it", async () => {
  await using rig = new Rig();
  const instance = await rig.start();
  rig.fake.before = (call) => call === "logs" ? rig.fake.goAway() : undefined;
  rig.fake.all[0]!.end(143);
  await rig.done(instance.exited);
  assertMatch(instance.excuse ?? "", /engine is away/);
});

Deno.test("the name of one that nobody told us of is no obstacle, that of a stranger is", async () => {
  await using rig = new Rig();
  rig.leftover(0);
  await rig.start();
  assertEquals(rig.places, ["0 running"]);

  await using other = new Rig();
  other.fake.put("web-i7-0-secret", { Image: "stranger" });
  await assertRejects(() => other.done(other.start()), EngineError, "taken");
  assertEquals(other.fake.all.map(({ body }) => body.Image), ["stranger"]);
});

Deno.test("before it serves, one end is the end of all, told with the last words", async () => {
  await using rig = new Rig({ replicas: 2 });
  const instance = await rig.start();
  const [, second] = rig.fake.all;
  second!.print("cannot open hunter2");
  second!.print("and cut in the mid", { isCut: true });
  second!.end(3);
  assertEquals(await rig.done(instance.exited), { code: 3, signal: null });
  assertEquals(instance.lastLines(), ["cannot open ***", "and cut in the mid"]);
  assertEquals(rig.lines, ["cannot open ***"]);
});

Deno.test("one that ends at once, before anybody listens, is told with what it said", async () => {
  await using rig = new Rig();
  rig.fake.onStart = (container) => {
    container.print("no config");
    container.end(78);
  };
  const instance = await rig.start();
  assertEquals(instance.exit, { code: 78, signal: null });
  await rig.done(instance.exited);
  assertEquals(instance.lastLines(), ["no config"]);
  assertEquals(ports(instance), []);
});

Deno.test("an end that overtakes the answer that it runs is not lost", async () => {
  await using rig = new Rig();
  let looks = 0;
  rig.fake.after = async (call, container) => {
    if (call !== "inspect" || !container!.isRunning || looks++ > 0) return;
    container!.end(9);
    await rig.settle();
  };
  const instance = await rig.start();
  assertEquals(instance.exit, { code: 9, signal: null });
});

Deno.test("what ran out of memory says so, also when the event comes late or never", async () => {
  await using rig = new Rig();
  const instance = await rig.start();
  rig.fake.all[0]!.end(137, { isOutOfMemory: true });
  assertEquals(await rig.done(instance.exited), { code: 137, signal: "SIGKILL" });
  assertEquals(instance.lastLines(), ["(out of memory: killed by the kernel)"]);
  assertMatch(rig.told.join("\n"), /ended with code 137, it was out of memory/);
});

Deno.test("an engine may tell of the want of memory after the end", async () => {
  await using rig = new Rig();
  const instance = await rig.start();
  rig.fake.all[0]!.end(137);
  rig.clock.sleep(100).then(() => rig.fake.tell(rig.fake.all[0]!, "out_of_memory"));
  await rig.done(instance.exited);
  assertEquals(instance.lastLines(), ["(out of memory: killed by the kernel)"]);
});

Deno.test("stopping ends all, politely, and removes them", async () => {
  await using rig = new Rig({ replicas: 2 });
  const instance = await rig.serving();
  assertEquals(await rig.done(instance.stop()), "stopped");
  assertEquals(rig.fake.names, []);
  assertEquals(await instance.exited, { code: 0, signal: null });
  await instance.gone;
  assertEquals(await instance.stop(), "stopped");
});

Deno.test("one that does not listen is killed when its time is up", async () => {
  await using rig = new Rig();
  const instance = await rig.serving();
  rig.fake.all[0]!.isPolite = false;
  assertEquals(await rig.done(instance.stop()), "killed");
});

for (const step of ["create", "inspect", "start"]) {
  Deno.test(`stopping while it is being started leaves nothing: ${step}`, async () => {
    await using rig = new Rig({ replicas: 2 });
    rig.fake.before = (call) => call.startsWith(step) ? rig.clock.sleep(3_000) : undefined;
    const starting = rig.start();
    starting.catch(() => {});
    await rig.settle();
    const stopping = rig.runtime.stopAll();
    await assertRejects(() => rig.done(starting));
    await rig.done(stopping);
    assertEquals(rig.fake.names, []);
  });
}

Deno.test("stopping while the engine is away waits for it, and ends in any case", async () => {
  await using rig = new Rig();
  const instance = await rig.serving();
  rig.fake.goAway();
  const stopping = instance.stop();
  await rig.pass(10_000);
  assertEquals(rig.fake.names.length, 1);
  rig.fake.comeBack();
  assertEquals(await rig.done(stopping), "stopped");
  assertEquals(rig.fake.names, []);

  await using other = new Rig();
  const lost = await other.serving();
  other.fake.goAway();
  assertEquals(await other.done(lost.stop()), "survived");
  assertEquals(await lost.exited, { code: 0, signal: null });
});

Deno.test("kill ends all at once", async () => {
  await using rig = new Rig({ replicas: 2 });
  const instance = await rig.start();
  instance.kill();
  assertEquals(await rig.done(instance.exited), { code: 137, signal: "SIGKILL" });
  assertEquals(rig.places, ["0 exited", "1 exited"]);
});

Deno.test("growing waits until the new ones are well, and says why not", async () => {
  await using rig = new Rig({ replicas: 3, firstPart: 1 });
  const instance = await rig.runtime.start({ ...IDENTITY, isPart: true }) as never as Awaited<
    ReturnType<Rig["start"]>
  >;
  assertEquals(rig.places, ["0 running"]);
  const never = new AbortController().signal;
  await rig.done(instance.grow(2, 5_000, never));
  assertEquals([ports(instance).length, instance.count], [2, 2]);
  rig.notWell.add(2);
  await assertRejects(() => rig.done(instance.grow(3, 5_000, never)), Error, "not healthy in time");
});

Deno.test("one that leaves is drained, and its end meanwhile brings no other in its place", async () => {
  await using rig = new Rig({ replicas: 2 });
  const instance = await rig.serving();
  const drained: string[] = [];
  const drain = async (key: string) => {
    drained.push(key);
    assertEquals(ports(instance), [rig.fake.all[0]!.port]);
    rig.fake.all[1]!.end(0, { byHand: true });
    await rig.pass(5_000);
  };
  await rig.done(instance.shrink(1, drain));
  await rig.pass(20_000);
  assertEquals(drained.length, 1);
  assertEquals(rig.places, ["0 running"]);
});

Deno.test("what could not be stopped while the engine was away is removed when it is back", async () => {
  await using rig = new Rig({ replicas: 2 });
  const instance = await rig.serving();
  rig.fake.goAway();
  assertEquals(await rig.done(instance.stop()), "survived");
  assertEquals(rig.fake.names.length, 2);
  rig.fake.comeBack();
  await rig.pass(10_000);
  assertEquals(rig.fake.names, []);
  const warnings = rig.told.filter((line) => line.includes("cannot be stopped"));
  assertEquals(warnings.length, 2, "each is told once");
});

Deno.test("what a container prints at once is heard, even if the engine has it start later", async () => {
  await using rig = new Rig();
  rig.fake.onStart = ({ lines }) => lines.push({ text: "early", at: -1, isCut: false });
  await rig.serving();
  assertEquals(rig.lines, ["early"]);
  // Started again, it tells only what is new.
  rig.fake.onStart = (one) => one.print("again");
  await rig.pass(1_000);
  rig.fake.all[0]!.end(1);
  await rig.pass(5_000);
  assertEquals(rig.lines, ["early", "again"]);
});

Deno.test("one that the engine cannot end survives, and is tried again whenever that is asked for", async () => {
  await using rig = new Rig();
  const instance = await rig.serving();
  const no = new EngineError("stop", "failed", "did not receive an exit event", 500);
  rig.fake.before = (call) => call.startsWith("stop") ? Promise.reject(no) : undefined;
  assertEquals(await rig.done(instance.stop()), "survived");
  assertEquals(rig.places, ["0 running"]);
  const began = rig.clock.now();
  assertEquals(await rig.done(instance.stop()), "survived");
  assertEquals(rig.clock.now() - began < 1_000, true, "once is enough then");
  rig.fake.before = () => {};
  assertEquals(await rig.done(instance.stop()), "stopped");
  assertEquals(rig.places, []);
  assertEquals(rig.told.filter((line) => line.includes("cannot be stopped")).length, 1);
});

Deno.test("what was begun and cannot be ended is handed over with the failure", async () => {
  await using rig = new Rig({ replicas: 2 });
  rig.fake.before = (call, one) => {
    if (call === "start" && one?.name.startsWith("web-i7-1")) {
      throw new EngineError("start", "failed", "no such device", 500);
    }
    if (/^(stop|remove)/.test(call)) throw new EngineError("stop", "failed", "it hangs", 500);
  };
  const error = await assertRejects(() => rig.done(rig.start()), RemainsError, "no such device");
  assertEquals(error.why instanceof OutageError, false);
  assertEquals(rig.places, ["0 running", "1 created"]);
  rig.fake.before = () => {};
  assertEquals(await rig.done(error.remains.stop()), "stopped");
  assertEquals(rig.places, []);
});

Deno.test("a container that nobody has told us of counts until it was looked for", async () => {
  await using rig = new Rig();
  rig.fake.after = (call) => {
    if (!call.startsWith("create")) return;
    rig.fake.goAway();
    throw new EngineUnreachableError("no answer came in time", "silent");
  };
  const starting = rig.start();
  starting.catch(() => {});
  await rig.pass(60_000);
  const error = await assertRejects(() => rig.done(starting), RemainsError);
  assertEquals(rig.fake.names.length, 1);
  rig.fake.after = () => {};
  rig.fake.comeBack();
  await rig.done(error.remains.stop());
  assertEquals(rig.fake.names, []);
});

Deno.test("one that has ended, and only cannot be removed, holds nobody up", async () => {
  await using rig = new Rig();
  const instance = await rig.serving();
  const no = new EngineError("remove", "failed", "device or resource busy", 500);
  rig.fake.before = (call) => call === "remove" ? Promise.reject(no) : undefined;
  assertEquals(await rig.done(instance.stop()), "stopped");
  assertEquals(rig.places, ["0 exited"]);
});
