import { assertEquals } from "@std/assert";
import { DRAIN_MS, setUp } from "./guard_rig.ts";

const WARM_MS = 20_000;

Deno.test("the first version ever is proven at once: there is nothing better to go back to", async () => {
  const { serve, ends, provenIds, guard } = setUp();
  await serve("v1", "start");
  assertEquals([ends(), provenIds(), guard.onProbation], [["1 succeeded"], ["v1"], null]);
});

Deno.test("a new version is on probation, and proven once when it has served for long enough", async () => {
  const { serve, pass, ends, provenIds, guard } = setUp();
  await serve("v1");
  await serve("v2");
  assertEquals([ends(), guard.onProbation], [["1 succeeded"], "v1"]);
  await pass(9_999);
  assertEquals([provenIds(), guard.onProbation], [["v1"], "v1"]);
  await pass(1);
  assertEquals([ends(), guard.onProbation], [["1 succeeded", "2 succeeded"], null]);
  await pass(60_000);
  assertEquals(provenIds(), ["v1", "v2"]);
});

for (
  const [what, trigger, id, isProven] of [
    ["a new version", "interval", "v2", false],
    ["a new version that somebody asked for", "command", "v2", false],
    ["a pinned version", "pin", "v2", false],
    ["the same version again", "restart", "v1", true],
    ["the same version after a crash", "crash", "v1", true],
    ["somebody went back", "rollback", "v0", true],
    ["somebody went back to what never served", "rollback", "v9", false],
    ["the version before came back by itself", "automatic-rollback", "v0", true],
  ] as const
) {
  Deno.test(`${what} (${trigger}) ${isProven ? "need not prove itself" : "is on probation"}`, async () => {
    const { serve, ends, guard, proven } = setUp();
    await serve("v0", "start");
    proven.add("v1");
    await serve("v1", "rollback");
    await serve(id, trigger);
    assertEquals(guard.onProbation, isProven ? null : "v1");
    assertEquals(ends().length, isProven ? 3 : 2);
  });
}

Deno.test("without --min-healthy a new version is proven with its switch", async () => {
  const { serve, ends, provenIds, guard } = setUp({ minHealthyMs: 0 });
  for (const id of ["v1", "v2"]) await serve(id);
  assertEquals([ends(), provenIds()], [["1 succeeded", "2 succeeded"], ["v1", "v2"]]);
  assertEquals(guard.onProbation, null);
});

/** How long after the switch, and how the version before is then. */
const PREVIOUS = [
  ["still drains", 1_000, { keepWarmMs: 0 }, true],
  ["is kept warm", DRAIN_MS + 1_500, { keepWarmMs: WARM_MS }, true],
  ["is gone", DRAIN_MS + 1_500, { keepWarmMs: 0 }, false],
] as const;

for (const [how, afterMs, options, isBack] of PREVIOUS) {
  Deno.test(`it dies while the one before ${how}: ${isBack ? "that serves again" : "that is started again"}`, async () => {
    const t = setUp({ ...options, minHealthyMs: 60_000 });
    const first = await t.serve("v1");
    const second = await t.serve("v2");
    await t.pass(afterMs);
    t.world.deeds.length = 0;
    t.die(second);
    assertEquals(t.ends(), ["1 succeeded", "2 rolled_back"]);
    assertEquals(t.quarantined, ["v2: it exited with code 1 while it was watched"]);
    assertEquals([t.recovery.provenId, t.guard.onProbation], ["v1", null]);
    assertEquals(t.stage.current, isBack ? first : null);
    assertEquals(t.world.target, isBack ? first : null);
    assertEquals(t.recovery.dueAt, isBack ? null : t.world.clock.now());
    assertEquals(t.recovery.trigger, isBack ? "crash" : "automatic-rollback");
    assertEquals(t.restarts, []);
    await t.pass(100_000);
    assertEquals([first.exit === null, t.provenIds()], [isBack, ["v1"]]);
  });

  Deno.test(`it fails its probes while the one before ${how}: ${isBack ? "that serves again" : "that is started beside it"}`, async () => {
    const t = setUp({ ...options, minHealthyMs: 6_000, livenessThreshold: 1 });
    const first = await t.serve("v1");
    const second = await t.serve("v2");
    await t.pass(afterMs);
    t.ill.add("v2");
    await t.pass(600);
    assertEquals(t.ends(), ["1 succeeded", "2 rolled_back"]);
    assertEquals(t.quarantined, ["v2: 1 probes in a row failed: status 503"]);
    assertEquals(t.stage.current, isBack ? first : second);
    assertEquals([t.recovery.provenId, t.recovery.dueAt === null], ["v1", isBack]);
    assertEquals([t.guard.isSick, t.recovery.trigger], [
      !isBack,
      isBack ? "crash" : "automatic-rollback",
    ]);
    await t.pass(100_000);
    assertEquals([first.exit === null, second.exit === null], [isBack, !isBack]);
  });
}

Deno.test("G1 who is called back is written down before and after, and told", async () => {
  const t = setUp();
  await t.serve("v1");
  const second = await t.serve("v2");
  await t.pass(1_000);
  t.book.lines.length = 0;
  t.world.events.length = 0;
  t.die(second);
  const steps = t.book.steps.filter((step) => step.startsWith("switch") || step.startsWith("roll"));
  assertEquals(steps, ["roll.ended 2", "switch.intended i1", "switch.done i1"]);
  assertEquals(t.world.of("roll.switched"), [{
    type: "roll.switched",
    roll: 2,
    instance: { key: "i1", id: "v1", port: 1, pid: 1001 },
    from: "v2",
  }]);
});

Deno.test("the bad one drains after it gave way: its requests may finish", async () => {
  const t = setUp({ livenessThreshold: 1 });
  await t.serve("v1");
  const second = await t.serve("v2");
  await t.pass(500);
  t.ill.add("v2");
  t.world.deeds.length = 0;
  await t.pass(1_000);
  assertEquals(t.world.deeds, ["switch i1"]);
  assertEquals(second.exit, null);
  await t.pass(DRAIN_MS + 1_000);
  assertEquals([t.world.deeds.at(-1), second.exit !== null], ["stop i2", true]);
});

Deno.test("one that served before but was never proven is not called back", async () => {
  const t = setUp({ minHealthyMs: 60_000, keepWarmMs: WARM_MS });
  await t.serve("v1");
  const second = await t.serve("v2");
  await t.pass(1_000);
  const third = await t.serve("v3");
  assertEquals(t.guard.onProbation, "v1");
  await t.pass(500);
  t.die(third);
  assertEquals([t.stage.current, t.recovery.provenId], [null, "v1"]);
  assertEquals(second.exit, null);
});

Deno.test("one that died on its way out cannot be called back", async () => {
  const t = setUp();
  const first = await t.serve("v1");
  const second = await t.serve("v2");
  await t.pass(1_000);
  first.end({ code: 1, signal: null });
  t.die(second);
  assertEquals([t.stage.current, t.recovery.dueAt], [null, t.world.clock.now()]);
});

Deno.test("a crash after the probation is healed, not rolled back", async () => {
  const t = setUp();
  await t.serve("v1");
  const second = await t.serve("v2");
  await t.pass(10_000);
  t.die(second);
  assertEquals([t.quarantined, t.restarts, t.recovery.provenId], [[], [1], "v2"]);
  assertEquals(t.recovery.trigger, "crash");
});

Deno.test("something newer takes its place: the roll had succeeded, but it was never proven", async () => {
  const t = setUp();
  for (const id of ["v1", "v2", "v3"]) await t.serve(id);
  assertEquals(t.ends(), ["1 succeeded", "2 succeeded"]);
  assertEquals(
    t.book.of("roll.ended")[1]?.detail,
    "v3 took its place before it had served for long",
  );
  await t.pass(10_000);
  assertEquals([t.ends().at(-1), t.provenIds()], ["3 succeeded", ["v1", "v3"]]);
});

Deno.test("somebody goes back while it is watched: the roll was rolled back", async () => {
  const t = setUp();
  for (const id of ["v1", "v2"]) await t.serve(id);
  await t.serve("v1", "rollback");
  assertEquals(t.ends(), ["1 succeeded", "2 rolled_back", "3 succeeded"]);
  assertEquals(t.book.of("roll.ended")[1]?.detail, "somebody went back to v1 while it was watched");
  assertEquals([t.quarantined, t.guard.onProbation], [[], null]);
  await t.pass(100_000);
  assertEquals([t.ends().length, t.provenIds()], [3, ["v1"]]);
});

Deno.test("liveroll is stopped while it is watched: the roll had succeeded, but proves nothing", async () => {
  const t = setUp();
  for (const id of ["v1", "v2"]) await t.serve(id);
  await t.pass(1_000);
  t.guard.stop();
  t.guard.stop();
  assertEquals([t.ends(), t.provenIds()], [["1 succeeded", "2 succeeded"], ["v1"]]);
  await t.pass(100_000);
  assertEquals(t.ends().length, 2);
});

Deno.test("who ends on probation with what it runs on comes back, and is watched anew", async () => {
  const t = setUp();
  await t.serve("v1");
  const second = await t.serve("v2");
  second.excuse = "the engine was away";
  t.die(second);
  assertEquals([t.ends(), t.quarantined], [["1 succeeded", "2 succeeded"], []]);
  assertEquals([t.recovery.provenId, t.recovery.trigger, t.restarts], ["v2", "crash", [1]]);
  assertEquals(t.provenIds(), ["v1"]);
  await t.serve("v2", "crash");
  assertEquals(t.guard.onProbation, "v1");
  await t.pass(10_000);
  assertEquals(t.provenIds(), ["v1", "v2"]);
});
