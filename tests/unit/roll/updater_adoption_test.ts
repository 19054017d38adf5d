import { assertEquals } from "@std/assert";
import { abortable } from "@std/async/abortable";
import type { DataChanges } from "../../../src/roll/data_changes.ts";
import type { Effects } from "../../../src/roll/effects.ts";
import { bornWith, instance, starts, unfinished } from "./former_life.ts";

Deno.test("G13 who serves on is not replaced by the same version, and nothing is started", async () => {
  const { life, world, book } = bornWith(
    { proven: ["v1"], lastRoll: 1, instances: [instance(1, "v1", "current")] },
    { alive: ["i1"] },
  );
  life.publish("v1");
  life.begin();
  await life.pass(60_000);
  assertEquals([life.current?.key, starts(world), world.alive], ["i1", [], ["i1"]]);
  assertEquals(book.next.instances.map(({ stage }) => stage), ["current"]);
  await life.end();
});

Deno.test("G13 who serves on gives way to a newer version, drained and stopped like any other", async () => {
  const { life, world } = bornWith(
    { proven: ["v1"], lastRoll: 1, instances: [instance(1, "v1", "current")] },
    { alive: ["i1"] },
  );
  life.publish("v2");
  life.begin();
  await life.pass(60_000);
  assertEquals([life.current?.id, world.alive], ["v2", ["i2"]]);
  assertEquals(world.deeds.filter((deed) => !deed.startsWith("start")), [
    "switch i1",
    "switch i2",
    "drain i1",
    "stop i1",
  ]);
  await life.end();
});

Deno.test("G1 the disk is full at the start: who serves on does, and updates wait until it is not", async () => {
  const { life, world, book } = bornWith(
    { proven: ["v1"], lastRoll: 1, instances: [instance(1, "v1", "current")] },
    { alive: ["i1"] },
  );
  book.problem = "disk full";
  life.publish("v2");
  life.begin();
  await life.pass(60_000);
  assertEquals([life.current?.key, world.alive], ["i1", ["i1"]]);
  book.problem = null;
  await life.pass(10_000);
  assertEquals(life.current?.id, "v2");
  await life.end();
});

Deno.test("G13 who serves on and dies later is healed", async () => {
  const { life, world } = bornWith(
    { proven: ["v1"], lastRoll: 1, instances: [instance(1, "v1", "current")] },
    { alive: ["i1"] },
  );
  life.publish("v1");
  life.begin();
  await life.pass(5_000);
  world.instances[0]!.end({ code: 1, signal: null });
  await life.pass(3_000);
  assertEquals([life.current?.id, starts(world)], ["v1", ["2 crash v1"]]);
  await life.end();
});

Deno.test("G13 a roll that had not switched is interrupted, and its version found again", async () => {
  const { life, world, book } = bornWith({
    proven: ["v1"],
    lastRoll: 2,
    unfinished: [unfinished(2, "v2")],
    instances: [instance(1, "v1", "current"), instance(2, "v2", "candidate")],
  }, { alive: ["i1", "i2"] });
  life.publish("v2");
  life.begin();
  await life.pass(60_000);
  assertEquals(book.of("roll.ended").map(({ roll, outcome }) => [roll, outcome]), [
    [2, "interrupted"],
    [3, "succeeded"],
  ]);
  assertEquals([starts(world), world.alive], [["3 start v2"], ["i3"]]);
  await life.end();
});

Deno.test("G13 a roll that had switched, though that was not written down, succeeds", async () => {
  const { life, book, world } = bornWith({
    proven: ["v1"],
    lastRoll: 2,
    unfinished: [unfinished(2, "v2")],
    instances: [instance(1, "v1", "current"), instance(2, "v2", "switching")],
  }, { alive: ["i1", "i2"] });
  life.publish("v2");
  life.begin();
  await life.pass(60_000);
  assertEquals(book.of("roll.ended").map(({ roll, outcome }) => [roll, outcome]), [
    [2, "succeeded"],
  ]);
  assertEquals([book.next.proven, world.alive, starts(world)], [["v1", "v2"], ["i2"], []]);
  await life.end();
});

Deno.test("G13 a probation that was cut short begins anew, and its failure rolls back", async () => {
  const { life, book, world } = bornWith({
    proven: ["v1"],
    lastRoll: 2,
    unfinished: [unfinished(2, "v2")],
    instances: [instance(2, "v2", "current")],
  }, { alive: ["i2"], options: { minHealthyMs: 10_000 } });
  life.publish("v2");
  life.begin();
  await life.pass(5_000);
  assertEquals(book.of("roll.ended"), []);
  world.instances[0]!.end({ code: 1, signal: null });
  await life.pass(5_000);
  assertEquals(book.of("roll.ended").map(({ roll, outcome }) => [roll, outcome]), [
    [2, "rolled_back"],
    [3, "succeeded"],
  ]);
  assertEquals([life.current?.id, starts(world)], ["v1", ["3 automatic-rollback v1"]]);
  await life.end();
});

/** Data that notes whether it was taken back. */
function noting(notes: string[]): DataChanges {
  const recover: DataChanges["recover"] = () => {
    notes.push("recovered");
    return Promise.resolve(null);
  };
  return { isInTheWay: () => false, isOneWay: true, steps: [], obstacle: null, recover } as never;
}

Deno.test("TERM while what serves is still looked at: it stays, and nothing is decided", async () => {
  const { life, world, book } = bornWith({
    proven: ["v1"],
    lastRoll: 2,
    unfinished: [unfinished(2, "v2")],
    instances: [instance(1, "v1", "current"), instance(2, "v2", "switching")],
  }, { alive: ["i1", "i2"] });
  Object.assign(world.runtime, { staysOnStop: true });
  const notes: string[] = [];
  Object.assign(world, { data: noting(notes) });
  for (const one of world.instances) one.behaviour.healthyAfterMs = Infinity;
  life.begin();
  await life.pass(500);
  life.term();
  await life.pass(60_000);
  assertEquals([life.ended, world.alive, notes], [true, ["i1", "i2"], []]);
  assertEquals(book.of("roll.ended"), []);
  assertEquals(book.next.instances.map(({ stage }) => stage), ["current", "switching"]);
});

Deno.test("TERM, twice, before anything was looked at: what serves stays", async () => {
  const { life, world, book } = bornWith(
    { proven: ["v1"], lastRoll: 1, instances: [instance(1, "v1", "current")] },
    { alive: ["i1"] },
  );
  Object.assign(world.runtime, { staysOnStop: true });
  life.term();
  life.term();
  life.begin();
  await life.pass(60_000);
  assertEquals([life.ended, world.alive], [true, ["i1"]]);
  assertEquals(book.next.instances.map(({ stage }) => stage), ["current"]);
});

Deno.test("what is looked for does not answer: that is told, nothing is begun, and TERM is heard", async () => {
  const { life, world, book } = bornWith({
    proven: ["v1"],
    lastRoll: 2,
    instances: [instance(1, "v1", "current"), instance(2, "v2", "switching")],
  }, { alive: ["i1"] });
  Object.assign(world.runtime, { staysOnStop: true });
  const { find } = world.runtime;
  world.runtime.find = async (record, search) => {
    if (record.key === "i1") return await find(record, search);
    search.onWait("the engine: it says 500");
    return await abortable(new Promise<never>(() => {}), search.signal);
  };
  life.publish("v2");
  life.begin();
  await life.pass(3_600_000);
  assertEquals(life.detail, "waiting for the engine: it says 500");
  assertEquals([world.of("state").at(-1)!.state, starts(world)], ["starting", []]);
  life.term();
  await life.pass(60_000);
  assertEquals([life.ended, world.alive], [true, ["i1"]]);
  assertEquals(book.next.instances.map(({ key }) => key), ["i1", "i2"]);
});

Deno.test("what did not answer does: that is told, too, and what serves goes on", async () => {
  const { life, world } = bornWith(
    { proven: ["v1"], lastRoll: 1, instances: [instance(1, "v1", "current")] },
    { alive: ["i1"] },
  );
  const { find } = world.runtime;
  world.runtime.find = async (record, search) => {
    search.onWait("the engine");
    await world.clock.sleep(60_000);
    search.onWait(null);
    return await find(record, search);
  };
  life.publish("v1");
  life.begin();
  await life.pass(59_000);
  assertEquals(life.detail, "waiting for the engine");
  await life.pass(2_000);
  assertEquals([life.current?.key, life.detail], ["i1", "serving v1 on port 9101"]);
  await life.end();
});

Deno.test("what has to be known before is waited for before anybody is looked for", async () => {
  const { life, world } = bornWith(
    { proven: ["v1"], lastRoll: 1, instances: [instance(1, "v1", "current")] },
    { alive: ["i1"] },
  );
  const steps: string[] = [];
  const { find } = world.runtime;
  world.runtime.find = async (record, search) => {
    steps.push("find");
    return await find(record, search);
  };
  const lookAround: Effects["lookAround"] = async ({ onWait }) => {
    onWait("the engine");
    await world.clock.sleep(60_000);
    onWait(null);
    steps.push("looked around");
  };
  Object.assign(world, { lookAround });
  life.publish("v1");
  life.begin();
  await life.pass(59_000);
  assertEquals([life.detail, steps], ["waiting for the engine", []]);
  await life.pass(2_000);
  assertEquals([life.current?.key, steps], ["i1", ["looked around", "find"]]);
  await life.end();
});

Deno.test("one that nobody can look at does not keep those from serving that do", async () => {
  const { life, world, book } = bornWith({
    proven: ["v1"],
    lastRoll: 3,
    instances: [
      instance(1, "v1", "current"),
      instance(2, "v2", "draining"),
      instance(3, "v3", "candidate"),
    ],
  }, { alive: ["i1", "i2", "i3"] });
  const { find } = world.runtime;
  const [hidden] = world.instances.splice(1, 1);
  world.runtime.find = async (record, search) => {
    if (record.key !== "i2") return await find(record, search);
    search.onWait("the engine: it says 500 of i2");
    await world.clock.sleep(600_000, search.signal);
    world.instances.push(hidden!);
    return await find(record, search);
  };
  life.publish("v1");
  life.begin();
  await life.pass(60_000);
  assertEquals([life.current?.key, life.detail], ["i1", "serving v1 on port 9101"]);
  assertEquals([world.alive, hidden!.exit], [["i1"], null]);
  await life.pass(600_000);
  assertEquals(hidden!.exit?.code, 143);
  assertEquals([world.alive, book.next.instances.map(({ key }) => key)], [["i1"], ["i1"]]);
  await life.end();
});

Deno.test("where nobody serves nothing is started beside one that nobody can look at", async () => {
  const { life, world } = bornWith({
    proven: ["v1"],
    lastRoll: 2,
    instances: [instance(2, "v2", "draining")],
  });
  const { find } = world.runtime;
  world.runtime.find = async (record, search) => {
    await world.clock.sleep(600_000, search.signal);
    return await find(record, search);
  };
  life.publish("v1");
  life.begin();
  await life.pass(599_000);
  assertEquals(starts(world), []);
  await life.pass(10_000);
  assertEquals(life.current?.id, "v1");
  await life.end();
});
