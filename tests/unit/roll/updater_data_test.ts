import { assert, assertEquals } from "@std/assert";
import type { DataChanges, DataEnd, Quiet } from "../../../src/roll/data_changes.ts";
import { bornWith, instance, unfinished } from "./former_life.ts";

/** Data that a former life has left changed for a version that does not serve. */
function halfDone(deeds: string[]): DataChanges {
  return {
    steps: ["migrate"],
    isOneWay: true,
    obstacle: null,
    foresee: () => Promise.resolve(),
    run: () => Promise.resolve(),
    commit: () => Promise.resolve(),
    undo: () => Promise.resolve({ outcome: "untouched", detail: "" }),
    isInTheWay: () => false,
    async recover(_serving, _good, quiet: Quiet): Promise<DataEnd> {
      if (!await quiet()) return { outcome: "put_off", detail: "later" };
      deeds.push("taken back");
      return { outcome: "restored", detail: "" };
    },
  };
}

/** One serves on; another one, for which the data was changed, was in its proof. */
function killedInTheGate() {
  const born = bornWith({
    proven: ["v1"],
    lastRoll: 2,
    unfinished: [unfinished(2, "v2")],
    instances: [instance(1, "v1", "current"), instance(2, "v2", "candidate")],
  }, { alive: ["i1", "i2"] });
  const { life, world } = born;
  Object.assign(world, { data: halfDone(world.deeds) });
  life.publish("v1");
  return { ...born, candidate: world.instances[1]! };
}

Deno.test("G13 data is taken back once nobody of the version in its proof is left to write", async () => {
  const { life, world, candidate } = killedInTheGate();
  Object.assign(candidate.behaviour, { stopsInMs: 4_000 });
  life.begin();
  await life.pass(3_000);
  assertEquals([life.current?.key, world.deeds.includes("taken back")], ["i1", false]);
  await life.pass(5_000);
  assertEquals([candidate.exit !== null, world.deeds.includes("taken back")], [true, true]);
  await life.end();
});

Deno.test("G13 TERM is heard while that one cannot be ended, and the data stays as it is", async () => {
  const { life, world, candidate } = killedInTheGate();
  candidate.stop = () => Promise.resolve("survived");
  life.begin();
  await life.pass(60_000);
  assertEquals(life.current?.key, "i1");
  life.term();
  await life.pass(60_000);
  assert(life.ended);
  assertEquals(world.deeds.includes("taken back"), false);
});

Deno.test("G13 nor is it taken back while nobody knows whether that one still runs", async () => {
  const { life, world, candidate } = killedInTheGate();
  const { find } = world.runtime;
  // The world forbids that nobody looks after one, and here nobody can.
  world.instances.splice(1, 1);
  world.runtime.find = async (record, search) => {
    if (record.key !== "i2") return await find(record, search);
    await world.clock.sleep(30_000, search.signal);
    world.instances.push(candidate);
    return await find(record, search);
  };
  life.begin();
  await life.pass(20_000);
  assertEquals([life.current?.key, world.deeds.includes("taken back")], ["i1", false]);
  await life.pass(20_000);
  assertEquals([candidate.exit !== null, world.deeds.includes("taken back")], [true, true]);
  await life.end();
});
