import { assertEquals } from "@std/assert";
import { setUp } from "./guard_rig.ts";

const LIVENESS = { minHealthyMs: 0, livenessIntervalMs: 1_000, livenessThreshold: 3 };

Deno.test("what serves is not probed at all unless somebody wants that", async () => {
  const t = setUp({ minHealthyMs: 0 });
  let asked = 0;
  t.world.probe = () =>
    Promise.resolve(asked++ < 0 ? { healthy: false, detail: "" } : { healthy: true });
  await t.serve("v1");
  await t.pass(100_000);
  assertEquals(asked, 0);
});

Deno.test("K57 three bad answers in a row: it is told, and the same version is to be started again", async () => {
  const t = setUp(LIVENESS);
  await t.serve("v1");
  t.ill.add("v1");
  await t.pass(2_999);
  assertEquals([t.guard.isSick, t.recovery.dueAt], [false, null]);
  await t.pass(1);
  assertEquals([t.guard.isSick, t.recovery.dueAt, t.recovery.trigger], [
    true,
    t.world.clock.now(),
    "liveness",
  ]);
  assertEquals([t.restarts, t.quarantined], [[1], []]);
  const [told] = t.world.of("instance.unhealthy");
  assertEquals([told?.instance.key, told?.failures, told?.detail], ["i1", 3, "status 503"]);
});

Deno.test("K57 it is well again before it was replaced: nothing has to be done", async () => {
  const t = setUp(LIVENESS);
  await t.serve("v1");
  t.ill.add("v1");
  await t.pass(3_000);
  t.ill.clear();
  await t.pass(1_000);
  assertEquals([t.guard.isSick, t.recovery.dueAt, t.recovery.crash], [false, null, null]);
  assertEquals(t.world.of("instance.recovered").map(({ instance }) => instance.key), ["i1"]);
});

Deno.test("K57 it is well again while its replacement is on its way: that goes on", async () => {
  const t = setUp(LIVENESS);
  await t.serve("v1");
  t.ill.add("v1");
  await t.pass(3_000);
  t.recovery.begin();
  t.ill.clear();
  await t.pass(1_000);
  assertEquals([t.guard.isSick, t.recovery.isUnderWay], [false, true]);
  assertEquals(t.recovery.crash?.id, "v1");
});

Deno.test("K57 who serves no more is not looked at any more, its successor is", async () => {
  const t = setUp({ ...LIVENESS, keepWarmMs: 600_000 });
  await t.serve("v1");
  await t.serve("v2");
  t.ill.add("v1");
  await t.pass(10_000);
  assertEquals(t.world.of("instance.unhealthy"), []);
  t.ill.add("v2");
  await t.pass(3_000);
  assertEquals(t.world.of("instance.unhealthy").map(({ instance }) => instance.key), ["i2"]);
});

Deno.test("K57 who was called back is looked at again", async () => {
  const t = setUp({ ...LIVENESS, minHealthyMs: 10_000 });
  await t.serve("v1");
  t.die(await t.serve("v2"));
  t.ill.add("v1");
  await t.pass(3_000);
  assertEquals(t.world.of("instance.unhealthy").map(({ instance }) => instance.key), ["i1"]);
});

Deno.test("K57 bad answers while it is on probation send it back, whoever gets them first", async () => {
  const t = setUp({ ...LIVENESS, minHealthyMs: 600_000 });
  const first = await t.serve("v1");
  await t.serve("v2");
  t.ill.add("v2");
  await t.pass(1_999);
  assertEquals(t.ends(), ["1 succeeded"]);
  await t.pass(1_001);
  assertEquals(t.ends(), ["1 succeeded", "2 rolled_back"]);
  assertEquals(t.quarantined, ["v2: 3 probes in a row failed: status 503"]);
  assertEquals([t.recovery.trigger, t.guard.isSick], ["automatic-rollback", true]);
  assertEquals([t.recovery.dueAt !== null, first.exit !== null], [true, true]);
  assertEquals([t.restarts, t.world.of("instance.unhealthy")], [[], []]);
});

Deno.test("K57 bad answers at the end of the probation are not forgotten with it", async () => {
  const t = setUp({ ...LIVENESS, minHealthyMs: 100_000 });
  await t.serve("v1");
  await t.serve("v2");
  await t.pass(95_000);
  t.ill.add("v2");
  await t.pass(60_000);
  assertEquals(t.ends(), ["1 succeeded", "2 rolled_back"]);
});

Deno.test("K57 who is on the way out and has no successor yet is not ill: its roll is under way", async () => {
  const t = setUp(LIVENESS);
  await t.serve("v1");
  t.world.traffic.drain = async () => {
    await t.world.clock.sleep(20_000);
    return { finished: 0, cut: 0 };
  };
  t.stage.vacate(2, new AbortController().signal);
  t.ill.add("v1");
  await t.pass(10_000);
  assertEquals([t.world.of("instance.unhealthy"), t.recovery.dueAt], [[], null]);
});

Deno.test("nothing is looked after any more when everything ends", async () => {
  const t = setUp(LIVENESS);
  await t.serve("v1");
  t.stopping.abort();
  t.guard.stop();
  t.ill.add("v1");
  await t.pass(100_000);
  assertEquals(t.world.of("instance.unhealthy"), []);
});
