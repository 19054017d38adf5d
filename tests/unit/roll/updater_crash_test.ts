import { assert, assertEquals } from "@std/assert";
import { Life } from "./fair_world.ts";

const CRASH = { code: 139, signal: "SIGSEGV" };

Deno.test("B20 a crash of the serving instance is told and healed at once", async () => {
  const life = new Life();
  const first = await life.serve("v1");
  first.end(CRASH);
  await life.pass(500);
  assertEquals([life.current?.id, life.current?.key], ["v1", "i2"]);
  const [exited] = life.world.of("instance.exited");
  assertEquals([exited?.instance.key, exited?.exit, exited?.lastLines], [
    "i1",
    CRASH,
    ["v1 says goodbye"],
  ]);
  assertEquals(life.world.of("restart.scheduled"), [
    { type: "restart.scheduled", id: "v1", crashes: 1, inMs: 0, crashLoop: false },
  ]);
  assertEquals(life.world.of("roll.started").at(-1)?.trigger, "crash");
  await life.end();
});

Deno.test("B04 a crash is healed although the registry is down", async () => {
  const life = new Life();
  const first = await life.serve("v1");
  life.world.registryDown = true;
  await life.pass(30_000);
  first.end(CRASH);
  await life.pass(500);
  assertEquals(life.current?.key, "i2");
  await life.end();
});

Deno.test("B04 a crash during a pull that hangs is healed at once", async () => {
  const life = new Life();
  const first = await life.serve("v1");
  life.world.source.latest = async (signal) => {
    await life.world.clock.sleep(1e9, signal);
    return "never";
  };
  await life.pass(20_000);
  first.end(CRASH);
  await life.pass(500);
  assertEquals(life.current?.key, "i2");
  await life.end();
});

Deno.test("B05 a restart that fails is tried again, until it succeeds", async () => {
  const life = new Life();
  const first = await life.serve("v1");
  life.world.behave("v1", { livesMs: 10 });
  first.end(CRASH);
  await life.pass(20_000);
  assertEquals(life.current, null);
  assertEquals(life.world.of("restart.scheduled").map(({ inMs }) => inMs), [
    0,
    500,
    1_000,
    2_000,
    4_000,
    8_000,
    16_000,
  ]);
  life.world.behave("v1");
  await life.pass(16_000);
  assertEquals(life.current?.id, "v1");
  assertEquals(life.world.of("roll.failed").every(({ retryInMs }) => retryInMs === null), true);
  await life.end();
});

Deno.test("B05 a restart that cannot even be started is tried again", async () => {
  const life = new Life();
  const first = await life.serve("v1");
  life.world.behave("v1", { unstartable: true });
  first.end(CRASH);
  await life.pass(3_000);
  life.world.behave("v1");
  await life.pass(3_000);
  assertEquals(life.current?.id, "v1");
  await life.end();
});

Deno.test("B05 a restart that an unexpected error ends is tried again", async () => {
  const life = new Life();
  const first = await life.serve("v1");
  const { portHolder } = life.world.runtime;
  life.world.runtime.portHolder = () => {
    life.world.runtime.portHolder = portHolder;
    return Promise.reject(new Deno.errors.NotSupported("too many open files"));
  };
  first.end(CRASH);
  await life.pass(5_000);
  assertEquals(life.current?.id, "v1");
  await life.end();
});

Deno.test("B05 a restart that finds its ports taken is tried again", async () => {
  const life = new Life();
  const first = await life.serve("v1");
  life.world.strangers.add(9102).add(9101);
  first.end(CRASH);
  await life.pass(3_000);
  assertEquals(life.current, null);
  life.world.strangers.clear();
  await life.pass(5_000);
  assertEquals(life.current?.id, "v1");
  await life.end();
});

Deno.test("a crash loop can be seen in the state", async () => {
  const life = new Life();
  await life.serve("v1", { livesMs: 200 });
  await life.pass(10_000);
  const loops = life.world.of("restart.scheduled").filter(({ crashLoop }) => crashLoop);
  assertEquals(loops[0]?.crashes, 5);
  const last = life.world.of("state").findLast(({ detail }) => detail.startsWith("crash loop"));
  assertEquals(last?.state, "degraded");
  assertEquals(
    last?.detail,
    `crash loop: v1 failed ${loops.at(-1)?.crashes} times in a row, ` +
      `next start in ${(loops.at(-1)!.inMs / 1_000).toFixed(1)}s`,
  );
  await life.end();
});

Deno.test("a version that served for a minute is started again at once, without a memory of its crashes", async () => {
  const life = new Life();
  await life.serve("v1");
  for (let i = 0; i < 3; i++) {
    life.world.instances.at(-1)!.end(CRASH);
    await life.pass(3_000);
  }
  await life.pass(60_000);
  life.world.instances.at(-1)!.end(CRASH);
  await life.pass(500);
  assertEquals(life.world.of("restart.scheduled").map(({ crashes }) => crashes), [1, 2, 3, 1]);
  assertEquals(life.current?.id, "v1");
  await life.end();
});

Deno.test("a better version ends a crash loop, and the memory of it", async () => {
  const life = new Life();
  await life.serve("v1", { livesMs: 200 });
  await life.pass(30_000);
  life.publish("v2");
  await life.pass(12_000);
  assertEquals(life.current?.id, "v2");
  life.world.instances.at(-1)!.end(CRASH);
  await life.pass(500);
  assertEquals(life.world.of("restart.scheduled").at(-1)?.crashes, 1);
  assertEquals(life.current?.id, "v2");
  await life.end();
});

Deno.test("a crash while a candidate is in the gate: the old version is healed beside it", async () => {
  const life = new Life();
  const first = await life.serve("v1");
  life.publish("v2", { healthyAfterMs: 20_000 });
  await life.pass(10_000);
  assertEquals(life.world.alive, ["i1", "i2"]);
  first.end(CRASH);
  await life.pass(500);
  assertEquals(life.current?.id, "v1");
  assertEquals(life.world.living().map(({ id }) => id), ["v2", "v1"]);
  await life.pass(20_000);
  assertEquals(life.current?.id, "v2");
  assertEquals(life.world.alive, ["i2"]);
  await life.end();
});

Deno.test("a healing is called off when the newer version gets healthy first", async () => {
  const life = new Life();
  const first = await life.serve("v1");
  life.world.behave("v1", { healthyAfterMs: 30_000 });
  life.publish("v2", { healthyAfterMs: 3_000 });
  await life.pass(9_000);
  first.end(CRASH);
  await life.pass(3_000);
  assertEquals(life.current?.id, "v2");
  assertEquals(life.world.alive, ["i2"]);
  assertEquals(life.world.of("roll.interrupted").map(({ id, reason }) => [id, reason]), [
    ["v1", "another version serves"],
  ]);
  await life.pass(60_000);
  assertEquals(life.current?.id, "v2");
  assertEquals(life.world.of("restart.scheduled").length, 1);
  await life.end();
});

Deno.test("a healing whose start fails after a newer version has won leaves no trace", async () => {
  const life = new Life();
  const first = await life.serve("v1");
  life.publish("v2", { healthyAfterMs: 3_000 });
  await life.pass(9_000);
  const { start } = life.world.runtime;
  life.world.runtime.start = async () => {
    await life.world.clock.sleep(20_000);
    throw new Error("no space left");
  };
  first.end(CRASH);
  await life.pass(25_000);
  life.world.runtime.start = start;
  assertEquals(life.current?.id, "v2");
  assertEquals(life.world.of("roll.failed"), []);
  assertEquals(life.world.of("restart.scheduled").map(({ id }) => id), ["v1"]);
  assertEquals(life.detail, "serving v2 on port 9102");
  await life.end();
});

for (let turns = -12; turns <= 12; turns++) {
  Deno.test(`a healing that fails ${-turns} turns after a newer version is healthy blames nobody`, async () => {
    const life = new Life();
    const first = await life.serve("v1");
    life.publish("v2", { healthyAfterMs: Infinity });
    await life.pass(9_000);
    const answer = Promise.withResolvers<void>();
    const { probe } = life.world;
    life.world.probe = async (instance, signal) => {
      if (instance.id !== "v2") return await probe(instance, signal);
      await answer.promise;
      life.world.instances[1]!.provenByProbe = true;
      return { healthy: true };
    };
    await life.pass(1_000);
    life.world.behave("v1", { healthyAfterMs: Infinity });
    first.end(CRASH);
    await life.pass(1_000);
    const healing = life.world.instances[2]!;
    if (turns < 0) answer.resolve();
    else healing.end(CRASH);
    for (let i = 0; i < Math.abs(turns); i++) await null;
    if (turns < 0) healing.end(CRASH);
    else answer.resolve();
    await life.pass(5_000);
    assertEquals(life.current?.id, "v2");
    assertEquals(life.detail, "serving v2 on port 9102");
    for (const { id } of life.world.of("restart.scheduled")) assertEquals(id, "v1");
    for (const { retryInMs } of life.world.of("roll.failed")) assertEquals(retryInMs, null);
    await life.end();
  });
}

Deno.test("the end of an old instance on its way out is no crash", async () => {
  const life = new Life();
  const first = await life.serve("v1", { stopsInMs: 9_000 });
  life.publish("v2");
  await life.pass(10_000);
  assertEquals(life.current?.id, "v2");
  first.end(CRASH);
  await life.pass(1_000);
  assertEquals(life.world.of("instance.exited"), []);
  assertEquals(life.world.alive, ["i2"]);
  await life.end();
});

Deno.test("a restart by hand cuts the wait after a crash short", async () => {
  const life = new Life();
  await life.serve("v1", { livesMs: 200 });
  await life.pass(40_000);
  assertEquals(life.current, null);
  life.world.behave("v1");
  life.updater.agenda.requestRestart();
  await life.pass(500);
  assertEquals(life.current?.id, "v1");
  await life.pass(60_000);
  assertEquals(life.world.alive.length, 1);
  await life.end();
});

Deno.test("exclusive: the old version comes back when the new one is refused", async () => {
  const life = new Life({ exclusive: true });
  await life.serve("v1");
  life.publish("bad", { livesMs: 10 });
  await life.pass(10_500);
  assertEquals(life.current?.id, "v1");
  assertEquals(life.world.of("roll.started").map(({ to, trigger }) => [to, trigger]), [
    ["v1", "start"],
    ["bad", "interval"],
    ["v1", "crash"],
  ]);
  assertEquals(life.world.of("restart.scheduled"), []);
  await life.end();
});

Deno.test("exclusive: two copies never live at the same time, however long a refused one takes to end", async () => {
  const life = new Life({ exclusive: true, healthTimeoutMs: 1_000 });
  await life.serve("v1");
  life.publish("bad", { healthyAfterMs: Infinity, stopsInMs: Infinity });
  const { start } = life.world.runtime;
  life.world.runtime.start = (version) => {
    assertEquals(life.world.alive, [], `${version.id} is not started alone`);
    return start(version);
  };
  await life.pass(30_000);
  assertEquals(life.current?.id, "v1");
  await life.end();
});

Deno.test("exclusive: what a crash leaves behind is cleared away before the restart", async () => {
  const life = new Life({ exclusive: true });
  const first = await life.serve("v1");
  const cleared = Promise.withResolvers<"killed">();
  first.stop = () => cleared.promise;
  first.end(CRASH);
  await life.pass(5_000);
  assertEquals(life.world.deeds.filter((deed) => deed.startsWith("start")).length, 1);
  cleared.resolve("killed");
  await life.pass(500);
  assertEquals(life.current?.key, "i2");
  await life.end();
});

Deno.test("hundreds of rolls leave neither listeners on the signal that ends everything nor timers", async () => {
  const life = new Life();
  let listeners = 0;
  const { latest } = life.world.source;
  let watched: AbortSignal | null = null;
  life.world.source.latest = (signal) => {
    if (watched === null) {
      watched = signal;
      const add = signal.addEventListener.bind(signal);
      const remove = signal.removeEventListener.bind(signal);
      signal.addEventListener = (...args: Parameters<typeof add>) => {
        listeners++;
        add(...args);
      };
      signal.removeEventListener = (...args: Parameters<typeof remove>) => {
        listeners--;
        remove(...args);
      };
    }
    return latest(signal);
  };
  await life.serve("v1");
  for (let i = 0; i < 100; i++) {
    life.updater.agenda.requestRestart();
    life.updater.agenda.requestForcedUpdate();
    await life.pass(1_000);
    life.world.instances.at(-1)!.end(CRASH);
    await life.pass(61_000);
  }
  assert(life.world.instances.length > 200);
  assertEquals(listeners, 0);
  // One is the life of each simulated process.
  assert(life.world.clock.pending < life.world.instances.length + 10);
  await life.end();
});
