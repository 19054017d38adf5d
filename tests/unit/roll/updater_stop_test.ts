import { assert, assertEquals } from "@std/assert";
import { Life } from "./fair_world.ts";

Deno.test("stopping drains, stops everybody, and says so at the very end", async () => {
  const life = new Life();
  await life.serve("v1");
  await life.end();
  assertEquals(life.world.deeds.at(-1), "stop i1");
  assertEquals(life.world.of("state").slice(-2).map(({ state }) => state), ["stopping", "stopped"]);
  assertEquals(life.world.events.at(-1)?.type, "state");
});

Deno.test("nothing is stopped before the requests in flight have ended", async () => {
  const life = new Life();
  const first = await life.serve("v1");
  life.term();
  await life.pass(14_000);
  assertEquals([life.world.closed, first.stopRequestedAt], [false, null]);
  await life.pass(2_000);
  assertEquals([life.world.closed, first.exit], [true, { code: 143, signal: "SIGTERM" }]);
  await life.end();
});

Deno.test("stopping before anything was started ends at once", async () => {
  const life = new Life();
  life.publish("v1");
  life.term();
  life.begin();
  await life.pass(20_000);
  assertEquals([life.ended, life.world.instances.length, life.world.closed], [true, 0, true]);
  assertEquals(life.world.of("check.started"), []);
});

Deno.test("B14 a pull that hangs does not keep it from stopping", async () => {
  const life = new Life();
  await life.serve("v1");
  let hanging = 0;
  life.world.source.latest = async (signal) => {
    hanging++;
    await life.world.clock.sleep(1e9, signal).finally(() => hanging--);
    return "never";
  };
  await life.pass(20_000);
  assertEquals(hanging, 1);
  const checks = life.world.of("check.failed").length;
  life.term();
  await life.world.clock.settle();
  assertEquals(hanging, 0);
  await life.pass(16_000);
  assertEquals(life.ended, true);
  assertEquals(life.world.of("check.failed").length, checks);
});

Deno.test("B14 the stop is told in the same moment as it is asked for", async () => {
  const life = new Life();
  await life.serve("v1");
  life.term();
  assertEquals(life.world.of("state").at(-1)?.state, "stopping");
  await life.end();
});

Deno.test("B14 stopping waits for the source to leave nothing running", async () => {
  const life = new Life();
  await life.serve("v1");
  const idle = Promise.withResolvers<void>();
  life.world.source.idle = () => idle.promise;
  life.term();
  await life.pass(60_000);
  assertEquals([life.ended, life.world.alive], [false, []]);
  idle.resolve();
  await life.pass(1);
  assertEquals(life.ended, true);
});

Deno.test("B13 B31 a candidate in the gate is stopped at once, and never switched to", async () => {
  const life = new Life();
  await life.serve("v1");
  life.publish("v2", { healthyAfterMs: 5_000 });
  await life.pass(10_000);
  assertEquals(life.world.alive, ["i1", "i2"]);
  life.term();
  await life.pass(200);
  assertEquals(life.world.alive, ["i1"]);
  await life.end();
  assertEquals(life.world.deeds.filter((deed) => deed.startsWith("switch")), ["switch i1"]);
});

Deno.test("B13 a candidate that is just being started is stopped as soon as it is there", async () => {
  const life = new Life();
  life.publish("v1");
  const { start } = life.world.runtime;
  life.world.runtime.start = async (version) => {
    await life.world.clock.sleep(40_000);
    return await start(version);
  };
  life.begin();
  await life.pass(10_000);
  life.term();
  await life.pass(29_000);
  assertEquals(life.ended, false);
  await life.pass(2_000);
  assertEquals([life.ended, life.world.instances.length, life.world.alive], [true, 1, []]);
});

Deno.test("a crash while it stops is not healed", async () => {
  const life = new Life();
  const first = await life.serve("v1");
  life.term();
  await life.pass(1_000);
  first.end({ code: 1, signal: null });
  await life.end();
  assertEquals(life.world.of("restart.scheduled"), []);
  assertEquals(life.world.instances.length, 1);
});

Deno.test("the wait after a crash does not keep it from stopping", async () => {
  const life = new Life();
  await life.serve("v1", { livesMs: 200 });
  await life.pass(60_000);
  assertEquals(life.current, null);
  const { length } = life.world.instances;
  await life.end();
  assertEquals(life.world.instances.length, length);
});

Deno.test("updates and restarts that are asked for while it stops are not begun", async () => {
  const life = new Life();
  await life.serve("v1");
  life.term();
  life.updater.agenda.requestForcedUpdate();
  life.updater.agenda.requestRestart();
  await life.end();
  assertEquals(life.world.instances.length, 1);
});

Deno.test("the second stop does not wait for requests, nor for anybody who does not want to end", async () => {
  const life = new Life();
  await life.serve("v1", { stopsInMs: Infinity });
  life.publish("v2", { healthyAfterMs: Infinity, stopsInMs: Infinity });
  await life.pass(10_000);
  life.term();
  await life.pass(1_000);
  const began = life.world.clock.now();
  life.term();
  await life.pass(0);
  assertEquals(life.world.instances.map(({ exit }) => exit?.signal), ["SIGKILL", "SIGKILL"]);
  assertEquals([life.ended, life.world.clock.now()], [true, began]);
});

Deno.test("the second stop cuts the stop of an instance short that has begun already", async () => {
  const life = new Life();
  await life.serve("v1", { stopsInMs: Infinity });
  life.term();
  await life.pass(16_000);
  assertEquals([life.world.closed, life.world.alive], [true, ["i1"]]);
  life.term();
  await life.pass(0);
  assertEquals(life.ended, true);
});

Deno.test("what the second stop kills is not told as a crash", async () => {
  const life = new Life();
  await life.serve("v1");
  life.term();
  await life.pass(1_000);
  life.term();
  await life.pass(1_000);
  assertEquals(life.ended, true);
  assertEquals(life.world.of("instance.exited"), []);
  assertEquals(life.world.of("instance.stopped").length, 1);
});

Deno.test("the second stop also kills what is started after it", async () => {
  const life = new Life();
  life.publish("v1", { stopsInMs: Infinity });
  const { start } = life.world.runtime;
  life.world.runtime.start = async (version) => {
    await life.world.clock.sleep(5_000);
    return await start(version);
  };
  life.begin();
  await life.pass(1_000);
  life.term();
  life.term();
  await life.pass(5_000);
  assertEquals([life.ended, life.world.alive], [true, []]);
});

Deno.test("a third stop does no harm", async () => {
  const life = new Life();
  await life.serve("v1", { stopsInMs: Infinity });
  for (let i = 0; i < 3; i++) life.term();
  await life.pass(1_000);
  assert(life.ended);
  life.term();
  assertEquals(life.world.of("state").at(-1)?.state, "stopped");
});

Deno.test("B31a exclusive: a stop while the old one leaves ends, and nothing new is started", async () => {
  const life = new Life({ exclusive: true });
  await life.serve("v1", { stopsInMs: 5_000 });
  life.publish("v2");
  await life.pass(9_000);
  assertEquals(life.world.deeds.at(-1), "stop i1");
  await life.end();
  assertEquals(life.world.instances.length, 1);
});
