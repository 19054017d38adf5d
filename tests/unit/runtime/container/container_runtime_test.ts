import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { EngineError } from "../../../../src/container/engine/engine_error.ts";
import { DIGEST, IDENTITY, OWNER, PATIENT, ports, Rig, VERSION } from "./rig.ts";

Deno.test("a group is as well as its least well container, and its image's check comes first", async () => {
  await using rig = new Rig({ replicas: 2 });
  const instance = await rig.start();
  const signal = new AbortController().signal;
  assertEquals(await rig.probe(instance, signal), { healthy: true });
  rig.notWell.add(1);
  assertEquals(await rig.probe(instance, signal), { healthy: false, detail: "it says 503" });
  rig.notWell.clear();
  for (const health of ["starting", "unhealthy"]) {
    rig.fake.tell(rig.fake.all[0]!, "health", { health });
    await rig.settle();
    const name = rig.fake.all[0]!.name;
    const detail = `the health check of container ${name} says ${health}`;
    assertEquals(await rig.probe(instance, signal), { healthy: false, detail });
  }
  rig.fake.tell(rig.fake.all[0]!, "health", { health: "healthy" });
  await rig.settle();
  assertEquals(await rig.probe(instance, signal), { healthy: true });
});

Deno.test("where none of the containers runs nobody is asked", async () => {
  await using rig = new Rig();
  const instance = await rig.start();
  rig.fake.all[0]!.end(1);
  await rig.settle();
  assertEquals(await rig.probe(instance, new AbortController().signal), {
    healthy: false,
    detail: "none of its containers runs",
  });
});

Deno.test("a command is run in a container that runs", async () => {
  await using rig = new Rig({ replicas: 2 });
  const instance = await rig.serving();
  rig.fake.all[0]!.end(0, { byHand: true });
  await rig.settle();
  const signal = new AbortController().signal;
  assertEquals(await rig.runtime.run(instance, "true", signal), { code: 0, lastLine: "" });
  assertEquals(rig.fake.asked.at(-1), `run ${rig.fake.all[1]!.name}`);
  await rig.done(instance.stop());
  await assertRejects(() => rig.runtime.run(instance, "true", signal), Error, "has been stopped");
});

Deno.test("that its engine runs no command in it is held against no instance that has served", async () => {
  await using rig = new Rig();
  const [candidate, never] = [await rig.start(), new AbortController().signal];
  let trouble: Error | null = new EngineError("run /bin/sh", "failed", "no containerd", 500);
  rig.fake.before = (call) => {
    if (call === "run" && trouble !== null) throw trouble;
  };
  const run = () => rig.runtime.run(candidate, "true", never).catch(() => {});
  await run();
  assertEquals(candidate.excuse, null, "who has not may be to blame");
  rig.commit(candidate);
  await run();
  assertEquals(candidate.excuse, "the container engine runs no command in it");
  trouble = new EngineError("run /bin/sh", "conflict", "it is paused", 409);
  await run();
  assertEquals(candidate.excuse, null, "that is its own state");
  trouble = TROUBLES["answers 500"]!();
  await run();
  trouble = null;
  await run();
  assertEquals(candidate.excuse, null);
  const late = AbortSignal.abort(new DOMException("Signal timed out.", "TimeoutError"));
  trouble = late.reason;
  await rig.runtime.run(candidate, "sleep 60", late).catch(() => {});
  assertEquals(candidate.excuse, null, "the command may be slow");
});

Deno.test("an instance is found by its containers, or not at all", async () => {
  await using rig = new Rig();
  assertEquals(await rig.find(), null);
  rig.leftover(0, { token: "another-token" });
  assertEquals(await rig.find(), null);
});

Deno.test("nobody is taken for gone because the engine is away", async () => {
  await using rig = new Rig();
  rig.leftover(0);
  rig.fake.goAway();
  const finding = rig.find();
  await rig.pass(10_000);
  rig.fake.comeBack();
  const instance = await rig.done(finding);
  assertEquals(ports(instance!), [rig.fake.all[0]!.port]);
  assertMatch(rig.told.join("\n"), /cannot be looked for/);
});

Deno.test("who waits for the engine is heard when liveroll stops", async () => {
  await using rig = new Rig();
  rig.fake.goAway();
  const finding = rig.find();
  finding.catch(() => {});
  await rig.settle();
  await rig.done(rig.runtime.stopAll());
  await assertRejects(() => rig.done(finding));
});

const TROUBLES: Readonly<Record<string, () => Error>> = {
  "answers 500": () => new EngineError("list containers", "failed", "containerd is gone", 500),
  "lets us wait too long": () => new DOMException("Signal timed out.", "TimeoutError"),
};

for (const [what, trouble] of Object.entries(TROUBLES)) {
  for (const call of ["list", "inspect"]) {
    Deno.test(`nobody is taken for gone, or stopped, because the engine ${what} (${call})`, async () => {
      await using rig = new Rig();
      rig.leftover(0);
      rig.fake.before = (asked) => {
        if (asked === call) throw trouble();
      };
      const waits: (string | null)[] = [];
      const finding = rig.find({ onWait: (why) => waits.push(why) });
      await rig.pass(600_000);
      assertMatch(waits.at(-1)!, /^the container engine: /);
      assertEquals(rig.told.filter((line) => line.includes("cannot be looked for")).length, 1);
      rig.fake.before = () => {};
      const instance = await rig.done(finding);
      assertEquals([ports(instance!), waits.at(-1)], [[rig.fake.all[0]!.port], null]);
    });
  }
}

Deno.test("what the engine has not to do with ends the look", async () => {
  await using rig = new Rig();
  rig.leftover(0);
  rig.fake.before = (call) => {
    if (call === "list") throw new TypeError("a bug");
  };
  await assertRejects(() => rig.find(), TypeError, "a bug");
});

for (const how of ["is away", "answers 500", "hangs while it lists", "hangs while it inspects"]) {
  Deno.test(`TERM is heard while the engine ${how}; what serves stays`, async () => {
    await using rig = new Rig();
    rig.leftover(0);
    if (how === "is away") rig.fake.goAway();
    rig.fake.before = (call) => {
      if (how === "answers 500") throw TROUBLES["answers 500"]!();
      const hangs = how.startsWith("hangs") && how.includes(call);
      return hangs ? new Promise(() => {}) : undefined;
    };
    const term = new AbortController();
    const finding = rig.find({ signal: term.signal });
    finding.catch(() => {});
    await rig.pass(5_000);
    term.abort(new Error("liveroll is stopping"));
    await assertRejects(() => finding, Error, "liveroll is stopping");
    assertEquals(rig.places, ["0 running"]);
  });
}

Deno.test("what is not to stay is looked for once more after TERM, until that comes twice", async () => {
  await using rig = new Rig({ staysOnStop: false });
  rig.leftover(0);
  let isHanging = true;
  rig.fake.before = (call) => isHanging && call === "list" ? new Promise(() => {}) : undefined;
  const signal = AbortSignal.abort(new Error("liveroll is stopping"));
  const finding = rig.find({ signal });
  let isOver = false;
  finding.catch(() => isOver = true);
  await rig.settle();
  assertEquals(isOver, false);
  rig.runtime.kill();
  await assertRejects(() => finding, Error, "liveroll is stopping");
  isHanging = false;
});

Deno.test("what is not to stay is found although TERM came before", async () => {
  await using rig = new Rig({ staysOnStop: false });
  rig.leftover(0);
  const signal = AbortSignal.abort(new Error("liveroll is stopping"));
  assertEquals(ports((await rig.find({ signal }))!).length, 1);
});

for (const call of ["create", "inspect", "start"]) {
  Deno.test(`a start is waited for, up to a kill: the engine lets us wait for ${call}`, async () => {
    await using rig = new Rig();
    rig.fake.after = (done) => done === call ? new Promise(() => {}) : undefined;
    const starting = rig.start();
    let end = "";
    starting.then(() => end = "started", ({ message }) => end = message);
    await rig.pass(60_000);
    assertEquals([end, rig.fake.names.length], ["", 1]);
    rig.runtime.kill();
    await rig.done(starting.catch(() => {}));
    assertEquals(end, "nothing is waited for any more");
    assertEquals(rig.fake.names, [], "what was made all the same is removed");
  });
}

Deno.test("a container that takes the place of another one is waited for at the end, up to a kill", async () => {
  await using rig = new Rig({ replicas: 2 });
  await rig.serving();
  rig.fake.after = (done) => done === "create" ? new Promise(() => {}) : undefined;
  await rig.engineRemoves(rig.fake.all[1]!.id);
  await rig.pass(5_000);
  let isOver = false;
  const leaving = rig.runtime.stopAll().then(() => isOver = true);
  await rig.pass(60_000);
  assertEquals(isOver, false);
  rig.runtime.kill();
  await rig.done(leaving);
  assertEquals(rig.fake.all[0]!.state, "running");
});

Deno.test("containers that a lost journal does not know are told, oldest first; migrations go", async () => {
  await using rig = new Rig();
  const [known, lost] = [`${OWNER.tokenPrefix}known1`, `${OWNER.tokenPrefix}lost22`];
  rig.leftover(0, { token: known });
  rig.leftover(0, { token: lost });
  rig.leftover(1, { token: lost });
  rig.leftover(9, { token: "", role: "migration" });
  const orphans = await rig.runtime.findOrphans([{ token: known } as never]);
  assertEquals(orphans.map(({ token, id, stage }) => [token, id, stage]), [
    [lost, VERSION, "current"],
  ]);
  assertEquals(rig.fake.all.length, 3);
});

Deno.test("containers that are found again in a lost journal do not stand in the way of new ones", async () => {
  await using rig = new Rig();
  rig.leftover(0, { token: `${OWNER.tokenPrefix}older1` });
  const instance = await rig.start();
  assertEquals([ports(instance).length, rig.fake.all.length], [1, 2]);
});

Deno.test("stopping leaves what serves, and ends what is not proven", async () => {
  await using rig = new Rig();
  await rig.serving();
  await rig.runtime.start({ ...IDENTITY, key: "i8", token: `${OWNER.tokenPrefix}x-second` });
  await rig.done(rig.runtime.stopAll());
  assertEquals(rig.fake.names, ["web-i7-0-secret"]);
});

Deno.test("stopping leaves what was found and not judged, and waits for what is being stopped", async () => {
  await using rig = new Rig();
  rig.leftover(0);
  rig.leftover(0, { token: `${OWNER.tokenPrefix}x-second` });
  const found = await rig.find();
  const other = { ...IDENTITY, key: "i8", token: `${OWNER.tokenPrefix}x-second` };
  const dismissed = await rig.runtime.find(other as never, PATIENT);
  void dismissed!.stop();
  await rig.done(rig.runtime.stopAll());
  assertEquals(rig.fake.names, ["web-i7-0-secret"]);
  assertEquals(ports(found!), [rig.fake.all[0]!.port]);
});

Deno.test("with --on-stop stop nothing is left", async () => {
  await using rig = new Rig({ staysOnStop: false });
  await rig.serving();
  await rig.done(rig.runtime.stopAll());
  assertEquals(rig.fake.names, []);
});

Deno.test("what runs is named by its digest, never by a tag, and listens on loopback only", async () => {
  await using rig = new Rig();
  await rig.start();
  const { body } = rig.fake.all[0]!;
  assertEquals(body.Image, `reg.example/web@${DIGEST}`);
  assertEquals(body.HostConfig?.PortBindings, {
    "8080/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }],
  });
  assertEquals([body.Env, body.HostConfig?.RestartPolicy], [["A=1"], { Name: "no" }]);
});

Deno.test("who answers while the engine is away proves nothing, as ports change hands then", async () => {
  await using rig = new Rig();
  const instance = await rig.start();
  const ask = () => rig.probe(instance, new AbortController().signal);
  rig.fake.goAway();
  await rig.settle();
  assertMatch(JSON.stringify(await ask()), /nobody knows who answers/);
  rig.fake.comeBack();
  await rig.pass(5_000);
  assertEquals(await ask(), { healthy: true }, "it is still the same");
});
