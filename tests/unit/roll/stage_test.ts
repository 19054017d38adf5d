import { Chronicle } from "../../../src/roll/chronicle.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";
import type { PortChoice } from "../../../src/roll/ports.ts";
import { Stage, type StageOptions } from "../../../src/roll/stage.ts";
import type { SimInstance } from "../../simulation/sim_world.ts";
import { FairWorld, never, OPTIONS } from "./fair_world.ts";

/** A stage, the world around it, and the ways of a roll onto it. */
function setUp(options: Partial<StageOptions> = {}) {
  const world = new FairWorld();
  const chronicle = new Chronicle(world.journal, world.observe);
  const stage = new Stage(world, chronicle, { ...OPTIONS, ...options });
  const take = (signal = never()) => stage.takePort(signal);
  const enter = async (id: string): Promise<SimInstance> => {
    const { port } = await world.await(take());
    assert(port !== null);
    const instance = await world.launch(id, port);
    stage.admit(instance, 0);
    return instance;
  };
  const serve = async (id: string): Promise<SimInstance> => {
    const instance = await enter(id);
    stage.promote(instance, 1);
    return instance;
  };
  const pass = async (ms: number) => {
    const until = world.clock.now() + ms;
    while (await world.clock.step(until));
  };
  const roles = () => [...stage.list()].map(([{ key }, role]) => `${key} ${role}`);
  return { world, stage, take, enter, serve, pass, roles };
}

/** Notes when `promise` resolves, without waiting for it. */
function noted<T>(promise: Promise<T>): { value: T | null } {
  const note: { value: T | null } = { value: null };
  promise.then((value) => note.value = value);
  return note;
}

Deno.test("parity: with no instance the first port is chosen", async () => {
  const { world, take } = setUp();
  assertEquals(await world.await(take()), { port: 9101 });
});

Deno.test("parity: with the first port used the second one is chosen", async () => {
  const { world, serve, take } = setUp();
  await serve("v1");
  assertEquals(await world.await(take()), { port: 9102 });
});

Deno.test("parity: the first port is chosen again when it has become free", async () => {
  const { world, serve, take, pass } = setUp();
  await serve("v1");
  await serve("v2");
  await pass(1_000);
  assertEquals(await world.await(take()), { port: 9101 });
});

Deno.test("B11 with both ports used, the port of the one that leaves is waited for", async () => {
  const { world, serve, take, pass } = setUp();
  const old = await serve("v1");
  const good = await serve("v2");
  const choice = noted(take());
  await pass(300);
  assertEquals(world.deeds.slice(-3), ["switch i2", "drain i1", "stop i1"]);
  assertEquals(choice.value, null);
  await pass(1_000);
  assertEquals(choice.value, { port: old.port });
  assertEquals([old.exit !== null, good.exit, good.stopRequestedAt], [true, null, null]);
});

Deno.test("B11 with both ports used by ones that stay, nobody is killed to make room", async () => {
  const { world, serve, enter, take, pass } = setUp();
  await serve("v1");
  await enter("v2");
  const choice = noted(take());
  await pass(600_000);
  assertEquals(choice.value, null);
  assertEquals(world.living().length, 2);
  assert(!world.deeds.some((deed) => deed.startsWith("stop")));
});

Deno.test("two that ask at the same time get different ports", async () => {
  const { world, take } = setUp();
  const choices = await world.await(Promise.all([take(), take()]));
  assertEquals(choices, [{ port: 9101 }, { port: 9102 }]);
});

Deno.test("of three that ask at the same time the last one waits for a port", async () => {
  const { stage, take, pass } = setUp();
  const choices = [take(), take(), take()].map(noted);
  await pass(100);
  assertEquals(choices.map(({ value }) => value?.port), [9101, 9102, undefined]);
  stage.releasePort(9102);
  await pass(100);
  assertEquals(choices[2]!.value, { port: 9102 });
});

Deno.test("a port that two wait for goes to one of them", async () => {
  const { stage, take, pass } = setUp();
  const choices = [take(), take(), take(), take()].map(noted);
  await pass(100);
  stage.releasePort(9101);
  await pass(100);
  assertEquals(choices.slice(2).map(({ value }) => value?.port), [9101, undefined]);
});

for (let turns = 0; turns < 6; turns++) {
  Deno.test(`a port freed ${turns} turns after it was found taken is not missed`, async () => {
    const { world, stage, take } = setUp();
    await world.await(Promise.all([take(), take()]));
    const choice = take();
    for (let i = 0; i < turns; i++) await null;
    stage.releasePort(9101);
    assertEquals(await world.await(choice, 1_000), { port: 9101 });
  });
}

Deno.test("B08 a port held by a stranger is passed over", async () => {
  const { world, take } = setUp();
  world.strangers.add(9101);
  assertEquals(await world.await(take()), { port: 9102 });
});

Deno.test("B08 with a stranger on the only free port, the choice names port and holder", async () => {
  const { world, serve, take } = setUp();
  await serve("v1");
  world.strangers.add(9102);
  const busy: PortChoice = { port: null, busy: 9102, holder: "a stranger" };
  assertEquals(await world.await(take()), busy);
});

Deno.test("a port that a stranger held can be had when he has left", async () => {
  const { world, take } = setUp();
  world.strangers.add(9101).add(9102);
  assertEquals((await world.await(take())).port, null);
  world.strangers.clear();
  assertEquals(await world.await(take()), { port: 9101 });
});

Deno.test("B31 whoever waits for a port goes when its signal aborts", async () => {
  const { world, take, pass } = setUp();
  await world.await(Promise.all([take(), take()]));
  const abort = new AbortController();
  const waiting = take(abort.signal);
  waiting.catch(() => {});
  await pass(1_000);
  abort.abort(new Error("enough"));
  await assertRejects(() => world.await(waiting), Error, "enough");
});

Deno.test("B31 an abort while a port is being looked at gives the port back", async () => {
  const { world, take } = setUp();
  const abort = new AbortController();
  const looking = take(abort.signal);
  abort.abort(new Error("enough"));
  await assertRejects(() => world.await(looking), Error, "enough");
  assertEquals(await world.await(take()), { port: 9101 });
});

Deno.test("a signal that has aborted already reserves nothing", async () => {
  const { world, take } = setUp();
  await assertRejects(() => take(AbortSignal.abort(new Error("enough"))), Error, "enough");
  assertEquals(await world.await(take()), { port: 9101 });
});

Deno.test("B01 the old one leaves in order: traffic switched, drained, stopped", async () => {
  const { world, serve, pass, roles } = setUp();
  await serve("v1");
  world.deeds.length = 0;
  await serve("v2");
  assertEquals(roles(), ["i1 draining", "i2 current"]);
  await pass(1_000);
  assertEquals(world.deeds, ["start v2@9102", "switch i2", "drain i1", "stop i1"]);
  assertEquals(roles(), ["i2 current"]);
  assertEquals(world.events.map(({ type }) => type), ["drained", "instance.stopped"]);
});

Deno.test("a port is in use until its instance has been stopped, not only drained", async () => {
  const { world, serve, take, pass } = setUp();
  world.behave("v1", { stopsInMs: 5_000 });
  await serve("v1");
  await serve("v2");
  const choice = noted(take());
  await pass(5_000);
  assertEquals([choice.value, world.instances[0]!.exit], [null, null]);
  await pass(1_000);
  assertEquals(choice.value, { port: 9101 });
});

Deno.test("nobody leaves when the first one is promoted", async () => {
  const { world, serve, stage } = setUp();
  const first = await serve("v1");
  assertEquals(world.deeds, ["start v1@9101", "switch i1"]);
  assertEquals(stage.current, first);
});

Deno.test("a promotion that the proxy refuses changes nobody's role", async () => {
  const { world, serve, enter, stage, roles } = setUp();
  const first = await serve("v1");
  const candidate = await enter("v2");
  world.traffic.switchTo = () => {
    throw new Error("a bug");
  };
  try {
    stage.promote(candidate, 1);
  } catch {
    // That is what the world was made to do.
  }
  assertEquals(stage.current, first);
  assertEquals(roles(), ["i1 current", "i2 candidate"]);
});

Deno.test("B22 a refused candidate is stopped in order, without a drain", async () => {
  const { world, serve, enter, stage, pass, roles } = setUp();
  await serve("v1");
  const candidate = await enter("v2");
  world.deeds.length = 0;
  stage.dismiss(candidate);
  assertEquals(roles(), ["i1 current", "i2 draining"]);
  await pass(1_000);
  assertEquals(world.deeds, ["stop i2"]);
  assertEquals(roles(), ["i1 current"]);
});

Deno.test("dismissing twice stops once", async () => {
  const { world, enter, stage, pass } = setUp();
  const candidate = await enter("v1");
  stage.dismiss(candidate);
  stage.dismiss(candidate);
  await pass(1_000);
  assertEquals(world.deeds, ["start v1@9101", "stop i1"]);
  assertEquals(world.of("instance.stopped").length, 1);
});

Deno.test("a buried instance gets no traffic, and its remains are cleared away", async () => {
  const { world, serve, stage, pass } = setUp();
  const first = await serve("v1");
  first.end({ code: 1, signal: null });
  stage.bury(first);
  assertEquals([stage.current, world.target], [null, null]);
  await pass(1_000);
  assertEquals(world.deeds.slice(-2), ["withdraw i1", "stop i1"]);
  assertEquals(world.of("instance.stopped").map(({ outcome }) => outcome), ["already_gone"]);
});

Deno.test("B07 the late end of a predecessor on the same port touches nobody else", async () => {
  const { world, serve, stage, pass, roles } = setUp({ childPorts: [9101, 9102] });
  const first = await serve("v1");
  first.end({ code: 1, signal: null });
  stage.bury(first);
  await pass(1_000);
  const second = await serve("v2");
  assertEquals(second.port, first.port);
  world.deeds.length = 0;
  world.traffic.withdraw(first);
  stage.dismiss(first);
  await pass(1_000);
  assertEquals(stage.current, second);
  assertEquals([world.target, second.exit], [second, null]);
  assertEquals(roles(), ["i2 current"]);
});

Deno.test("vacating takes the traffic away, drains, stops, and resolves when all that is done", async () => {
  const { world, serve, stage } = setUp();
  const first = await serve("v1");
  await world.await(stage.vacate(1, never()));
  assertEquals(world.deeds.slice(-3), ["withdraw i1", "drain i1", "stop i1"]);
  assertEquals([stage.list().size, first.exit !== null], [0, true]);
});

Deno.test("vacating an empty stage resolves at once", async () => {
  const { stage } = setUp();
  await stage.vacate(1, never());
});

for (const leave of ["dismiss", "bury"] as const) {
  Deno.test(`vacating waits for one that is still on its way out (${leave})`, async () => {
    const { world, enter, stage } = setUp();
    world.behave("v1", { stopsInMs: 5_000 });
    const first = await enter("v1");
    if (leave === "bury") stage.promote(first, 1);
    stage[leave](first);
    await world.await(stage.vacate(1, never()));
    assertEquals([stage.list().size, first.exit !== null], [0, true]);
  });
}

Deno.test("clearing stops everybody, cuts drains short, and resolves when nobody is left", async () => {
  const { world, serve, enter, stage, pass } = setUp();
  world.traffic.drain = async (_instance, timeoutMs, signal) => {
    await world.clock.sleep(timeoutMs, signal).catch(() => {});
    return { finished: 0, cut: 1 };
  };
  await serve("v1");
  await serve("v2");
  await pass(1_000);
  const began = world.clock.now();
  await world.await(stage.clear());
  assertEquals(world.living(), []);
  assertEquals(stage.list().size, 0);
  assertEquals(world.clock.now() - began, 100);
  await enter("v3");
  await world.await(stage.clear());
  assertEquals(world.living(), []);
});

Deno.test("killing ends everybody at once, whatever they are", async () => {
  const { world, serve, enter, stage, pass } = setUp({ childPorts: [9101, 9102, 9103] });
  for (const id of ["v1", "v2", "v3"]) world.behave(id, { stopsInMs: Infinity });
  await serve("v1");
  await serve("v2");
  await enter("v3");
  await pass(1_000);
  stage.kill();
  assertEquals(world.instances.map(({ exit }) => exit?.signal), ["SIGKILL", "SIGKILL", "SIGKILL"]);
});

Deno.test("without ports to choose from each instance takes one of its own, at once", async () => {
  const { world, take, stage } = setUp({ childPorts: [] });
  assertEquals(await world.await(take()), { port: 0 });
  stage.releasePort(0);
  assertEquals(await world.await(take()), { port: 0 });
});

Deno.test("what is to stay serves on when everybody has to leave, or is killed", async () => {
  const { world, stage, enter, serve, pass } = setUp();
  Object.assign(world.runtime, { staysOnStop: true });
  const serving = await serve("v1");
  await enter("v2");
  const cleared = noted(stage.clear());
  await pass(20_000);
  assertEquals([cleared.value === null, world.alive], [false, [serving.key]]);
  stage.kill();
  await pass(1_000);
  assertEquals(world.alive, [serving.key]);
});
