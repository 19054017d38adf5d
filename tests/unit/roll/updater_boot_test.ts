import { assertEquals } from "@std/assert";
import { NO_SETTINGS } from "../../../src/roll/journal.ts";
import { Book } from "./book.ts";
import { type FairWorld, Life } from "./fair_world.ts";
import { bornWith, instance, starts, unfinished } from "./former_life.ts";

/** The source does not answer. */
function silence(world: FairWorld): void {
  world.source.latest = (signal) => world.clock.sleep(1e9, signal).then(() => "never");
}

Deno.test("K33 the pull fails at the start: the last good version serves, from memory", async () => {
  const { life, world } = bornWith({ proven: ["v1", "v2"], lastRoll: 6 });
  world.registryDown = true;
  life.begin();
  await life.pass(2_000);
  assertEquals([life.current?.id, starts(world)], ["v2", ["7 start v2"]]);
  await life.end();
});

Deno.test("K33 the source takes too long at the start: the last good version serves after ten seconds", async () => {
  const { life, world } = bornWith({ proven: ["v1", "v2"] });
  silence(world);
  life.begin();
  await life.pass(9_999);
  assertEquals(world.instances, []);
  await life.pass(1_000);
  assertEquals(life.current?.id, "v2");
  await life.end();
});

Deno.test("the source answers in time: its version serves, and the last good one is not started first", async () => {
  const { life, world } = bornWith({ proven: ["v1"] });
  life.publish("v2");
  life.begin();
  await life.pass(30_000);
  assertEquals([life.current?.id, starts(world)], ["v2", ["1 start v2"]]);
  await life.end();
});

Deno.test("the version that the source names is the last good one: it is started", async () => {
  const { life, world } = bornWith({ proven: ["v1"] });
  life.publish("v1");
  life.begin();
  await life.pass(2_000);
  assertEquals([life.current?.id, starts(world)], ["v1", ["1 start v1"]]);
  await life.end();
});

Deno.test("K33 the newest version is refused at the start: the last good one serves", async () => {
  const { life, world } = bornWith({ proven: ["v1"] });
  life.publish("v2", { unstartable: true });
  life.begin();
  await life.pass(30_000);
  assertEquals(life.current?.id, "v1");
  assertEquals(new Set(world.of("roll.failed").map(({ id }) => id)), new Set(["v2"]));
  await life.end();
});

for (
  const [what, settings, options, id] of [
    ["paused", { paused: true }, {}, "v1"],
    ["pinned", { pinned: "v3" }, {}, "v3"],
    ["on demand", {}, { onDemand: true }, "v1"],
  ] as const
) {
  Deno.test(`${what}: what ran last is started at once, and the source is not asked`, async () => {
    const { life, world } = bornWith({
      proven: ["v3", "v1"],
      settings: { ...NO_SETTINGS, ...settings },
    }, { options });
    life.publish("v2");
    life.begin();
    await life.pass(1_000);
    assertEquals(life.current?.id, id);
    await life.pass(100_000);
    assertEquals([life.current?.id, world.of("check.started")], [id, []]);
    await life.end();
  });
}

Deno.test("K33 on demand and nothing was ever good: the source is asked, once", async () => {
  const { life, world } = bornWith({}, { options: { onDemand: true } });
  life.publish("v1");
  life.begin();
  await life.pass(100_000);
  assertEquals([life.current?.id, world.of("check.started").length], ["v1", 1]);
  await life.end();
});

Deno.test("rolls are numbered on where the former life ended", async () => {
  const { life, world } = bornWith({ lastRoll: 99 });
  await life.serve("v1");
  assertEquals([starts(world), life.current?.key], [["100 start v1"], "i100"]);
  await life.end();
});

Deno.test("the disk is full at the start: what ran last is started all the same", async () => {
  const { life, book } = bornWith({ proven: ["v1"] });
  book.problem = "disk full";
  life.publish("v1");
  life.begin();
  await life.pass(5_000);
  assertEquals(life.current?.id, "v1");
  await life.end();
});

Deno.test("G13 a version that was on probation and is gone is not started from memory", async () => {
  const { life, book, world } = bornWith({
    proven: ["v1"],
    lastRoll: 2,
    unfinished: [unfinished(2, "v2")],
    instances: [instance(2, "v2", "current")],
  });
  world.registryDown = true;
  life.begin();
  await life.pass(30_000);
  assertEquals(life.current?.id, "v1");
  assertEquals(book.of("roll.ended")[0], {
    step: "roll.ended",
    roll: 2,
    outcome: "interrupted",
    detail: "liveroll ended while it was under way",
    durationMs: 0,
    lastLines: [],
  });
  await life.end();
});

Deno.test("G9 a quarantine of a former life still holds, for what is left of it", async () => {
  const entry = { id: "v2", failures: 3, retryAt: 60_000, waitMs: 60_000, detail: "it exited" };
  const { life, world } = bornWith({ proven: ["v1"], quarantine: [entry] });
  life.publish("v2");
  life.begin();
  await life.pass(59_000);
  assertEquals([life.current?.id, world.of("check.quarantined")[0]?.failures], ["v1", 3]);
  await life.pass(12_000);
  assertEquals(life.current?.id, "v2");
  await life.end();
});

Deno.test("a clock that was set back makes no quarantine of a former life longer", async () => {
  const week = 7 * 24 * 3_600_000;
  const entry = { id: "v2", failures: 1, retryAt: week, waitMs: 30_000, detail: "it exited" };
  const { life } = bornWith({ proven: ["v1"], quarantine: [entry] });
  life.publish("v2");
  life.begin();
  await life.pass(29_000);
  assertEquals(life.current?.id, "v1");
  await life.pass(12_000);
  assertEquals(life.current?.id, "v2");
  await life.end();
});

Deno.test("hold and maintenance of a former life hold from the first moment on", async () => {
  const heard: unknown[] = [];
  const book = new Book({ settings: { ...NO_SETTINGS, held: true, maintenance: "soon" } });
  const life = new Life({}, (world) => {
    world.journal = book;
    world.traffic.hold = (...told: unknown[]) => void heard.push("hold", ...told);
    world.traffic.maintenance = (...told: unknown[]) => void heard.push("maintenance", ...told);
  });
  life.publish("v1");
  life.begin();
  await life.pass(0);
  assertEquals(heard, ["hold", true, "maintenance", "soon"]);
  await life.pass(5_000);
  assertEquals(life.world.of("state").at(-1)?.state, "holding");
  await life.end();
});

Deno.test("it is stopped while it still looks at what is left: that is stopped, too", async () => {
  const { life, world } = bornWith(
    { proven: ["v1"], instances: [instance(1, "v1", "current")] },
    { alive: ["i1"] },
  );
  world.probe = async (_, signal) => {
    await world.clock.sleep(1e9, signal).catch(() => {});
    return { healthy: false, detail: "given up" };
  };
  life.begin();
  await life.pass(1_000);
  await life.end();
  assertEquals([world.alive, world.of("check.started")], [[], []]);
});

Deno.test("a life after a life: the second one goes on where the first one ended", async () => {
  const first = bornWith({});
  await first.life.serve("v1");
  first.life.publish("v2");
  await first.life.pass(20_000);
  await first.life.desk.set({ kind: "skip", id: "v9" });
  await first.life.end();
  const second = bornWith(first.book.next);
  second.world.registryDown = true;
  second.life.begin();
  await second.life.pass(10_000);
  assertEquals([second.life.current?.id, second.life.current?.key], ["v2", "i3"]);
  assertEquals(second.life.updater.preferences.now.skipped, ["v9"]);
  assertEquals(second.book.memory.unfinished, []);
  assertEquals(second.book.memory.instances, []);
  await second.life.end();
});
