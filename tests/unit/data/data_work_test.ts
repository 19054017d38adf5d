import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import type { Contract } from "../../../src/data/contract.ts";
import type { DataMemory, DataRecord, DataStage } from "../../../src/data/data_record.ts";
import { DataWork, type Snapshots } from "../../../src/data/data_work.ts";
import { OutageError, RemainsError } from "../../../src/roll/effects.ts";
import type { DataStep } from "../../../src/roll/data_changes.ts";
import type { Remnant } from "../../../src/roll/instance.ts";

const CHANGE = { roll: 7, from: "v1", to: "v2" };
const REMNANT: Remnant = {
  ...{ key: "m7", id: "v2", port: 0, pid: 0 },
  stop: () => Promise.resolve("survived"),
};
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

interface Given {
  contract?: Contract;
  /** Deeds that fail. */
  fails?: readonly string[];
  without?: readonly ("snapshots" | "migrations" | "back")[];
  now?: DataRecord | null;
  /** Nothing may run beside a migration. */
  alone?: boolean;
  /** What takes a migration back fails, and this may still be at work. */
  leaves?: Remnant;
}

/** Data work in a world that only writes down what is done to it. */
function setUp(
  { contract = "destructive", fails = [], without = [], now = null, alone, leaves }: Given = {},
) {
  const deeds: string[] = [];
  const act = (deed: string): Promise<void> => {
    deeds.push(deed);
    return fails.includes(deed) ? Promise.reject(new Error(`${deed} said no`)) : Promise.resolve();
  };
  const leave = async (remnant: Remnant): Promise<never> => {
    await act("back");
    throw new RemainsError(remnant, new Error("the engine is away"));
  };
  const memory: DataMemory = {
    now,
    write(record) {
      (memory as { now: DataRecord | null }).now = record;
      return act(record === null ? "forget" : `note ${record.stage}`);
    },
  };
  const snapshots: Snapshots = {
    foresee: () => act("foresee"),
    take: async () => {
      await act("take");
      return "s7";
    },
    restore: (name) => act(`restore ${name}`),
    prune: () => act("prune"),
  };
  const migrations = {
    forth: () => act("forth"),
    ...(!without.includes("back") && { back: () => leaves ? leave(leaves) : act("back") }),
  };
  const work = new DataWork({
    memory,
    snapshots: without.includes("snapshots") ? null : snapshots,
    migrations: without.includes("migrations") ? null : migrations,
    contract,
    writers: alone ? { hold: () => act("hold"), requireStill: () => act("look") } : null,
    log: SILENT,
  });
  return { work, memory, deeds };
}

const never = () => new AbortController().signal;
const quiet = () => Promise.resolve(true);

async function runAll(work: DataWork): Promise<void> {
  for (const step of work.steps) await work.run(step, CHANGE, never());
}

function at(stage: DataStage, snapshot: string | null = "s7"): DataRecord {
  return { ...CHANGE, stage, snapshot, detail: "" };
}

Deno.test("each deed is written down before it, and its result after it", async () => {
  const { work, deeds, memory } = setUp();
  await runAll(work);
  assertEquals(deeds, [
    "note saving",
    "take",
    "note saved",
    "note migrating",
    "forth",
    "note migrated",
  ]);
  assertEquals(memory.now, at("migrated"));
});

Deno.test("once the version serves nothing is taken back any more", async () => {
  const { work, deeds, memory } = setUp();
  await runAll(work);
  deeds.length = 0;
  await work.commit(7);
  assertEquals([deeds, memory.now], [["forget", "prune"], null]);
  assertEquals(await work.undo(7, quiet), { outcome: "untouched", detail: "" });
});

const STEPS: readonly [string, Given, readonly DataStep[]][] = [
  ["both", {}, ["snapshot", "migrate"]],
  ["without snapshots", { without: ["snapshots"] }, ["migrate"]],
  ["without migrations", { without: ["migrations"] }, ["snapshot"]],
];

for (const [name, given, steps] of STEPS) {
  Deno.test(`steps: ${name}`, () => assertEquals(setUp(given).work.steps, steps));
}

/** Contract, where it ended, what else; then: outcome, and what is done. */
const UNDO: readonly [Contract, DataStage, Given, string, readonly string[]][] = [
  ["destructive", "saving", {}, "untouched", ["forget", "prune"]],
  ["destructive", "saved", {}, "restored", ["note restoring", "restore s7", "forget", "prune"]],
  ["destructive", "migrating", {}, "restored", ["note restoring", "restore s7", "forget", "prune"]],
  ["destructive", "migrated", {}, "restored", ["note restoring", "restore s7", "forget", "prune"]],
  ["destructive", "restoring", {}, "restored", ["note restoring", "restore s7", "forget", "prune"]],
  ["destructive", "migrated", { fails: ["restore s7"] }, "not_restored", [
    "note restoring",
    "restore s7",
    "note broken",
  ]],
  ["additive", "saved", {}, "untouched", ["forget", "prune"]],
  ["additive", "migrating", {}, "untouched", ["forget", "prune"]],
  ["additive", "migrated", {}, "untouched", ["forget", "prune"]],
  ["additive", "saved", { without: ["migrations"] }, "restored", [
    "note restoring",
    "restore s7",
    "forget",
    "prune",
  ]],
  ["reversible", "saved", {}, "untouched", ["forget", "prune"]],
  ["reversible", "migrating", {}, "restored", ["back", "forget", "prune"]],
  ["reversible", "migrated", {}, "restored", ["back", "forget", "prune"]],
  ["reversible", "migrated", { fails: ["back"] }, "restored", [
    "back",
    "note restoring",
    "restore s7",
    "forget",
    "prune",
  ]],
  ["reversible", "restoring", {}, "restored", ["note restoring", "restore s7", "forget", "prune"]],
];

for (const [contract, stage, given, outcome, deeds] of UNDO) {
  const what = Object.entries(given).map(([key, value]) => `${key} ${value}`).join(", ");
  Deno.test(`undo: ${contract}, ${stage}${what && `, ${what}`}: ${outcome}`, async () => {
    const { work, deeds: done } = setUp({ ...given, contract, now: at(stage) });
    assertEquals((await work.undo(7, quiet)).outcome, outcome);
    assertEquals(done, deeds);
  });

  Deno.test(`a start after the power was cut does the same: ${contract}, ${stage}${what}`, async () => {
    const { work, deeds: done } = setUp({ ...given, contract, now: at(stage) });
    assertEquals((await work.recover(null, "v1", quiet))?.outcome, outcome);
    assertEquals(done, deeds);
  });
}

Deno.test("without a snapshot a migration that cannot be taken back leaves the data broken", async () => {
  const now = at("migrated", null);
  const { work, memory } = setUp({ contract: "reversible", fails: ["back"], now });
  const end = await work.undo(7, quiet);
  assertEquals([end.outcome, memory.now?.stage], ["not_restored", "broken"]);
  assertStringIncludes(end.detail, "back said no");
  assertStringIncludes(end.detail, "liveroll restore --accept");
  assertEquals(work.obstacle, end.detail);
});

Deno.test("broken data stays broken over a start, and says which snapshot there is", async () => {
  const { work, memory, deeds } = setUp({ fails: ["restore s7"], now: at("migrated") });
  await work.undo(7, quiet);
  deeds.length = 0;
  const next = setUp({ now: memory.now });
  assertEquals(await next.work.recover(null, "v1", quiet), null);
  assertStringIncludes(next.work.obstacle ?? "", "liveroll restore s7");
  assertEquals(next.deeds, []);
});

Deno.test("what serves after a restart of liveroll keeps the data it was started on", async () => {
  const { work, deeds, memory } = setUp({ now: at("migrated") });
  assertEquals(await work.recover({ roll: 7, id: "v2" }, "v1", quiet), null);
  assertEquals([deeds, memory.now], [["forget", "prune"], null]);
});

Deno.test("a version that was started again keeps the data that was changed for it", async () => {
  const { work, deeds, memory } = setUp({ now: at("migrated") });
  assertEquals(await work.recover({ roll: 9, id: "v2" }, null, quiet), null);
  assertEquals([deeds, memory.now], [["forget", "prune"], null]);
});

Deno.test("a version that was written down as good is started on the data that it served on", async () => {
  const { work, deeds, memory } = setUp({ now: at("migrated") });
  assertEquals(await work.recover(null, "v2", quiet), null);
  assertEquals([deeds, memory.now], [["forget", "prune"], null]);
});

for (const stage of ["saved", "migrating", "restoring"] as const) {
  Deno.test(`a good version that was started anew does not keep data that is ${stage}`, async () => {
    const now = { ...at(stage), from: "v2" };
    const { work, deeds } = setUp({ now });
    assertEquals((await work.recover(null, "v2", quiet))?.outcome, "restored");
    assertEquals(deeds, ["note restoring", "restore s7", "forget", "prune"]);
  });
}

Deno.test("without a migration the copy is the last step before a version serves", async () => {
  const { work, deeds } = setUp({ now: at("saved"), without: ["migrations"] });
  assertEquals(await work.recover(null, "v2", quiet), null);
  assertEquals(deeds, ["forget", "prune"]);
});

/** Whether the version before could live with what is changed. */
const ONE_WAY: readonly [Given, boolean][] = [
  [{ contract: "additive" }, false],
  [{ contract: "additive", without: ["snapshots"] }, false],
  [{ contract: "additive", without: ["migrations"] }, true],
  [{ contract: "reversible" }, true],
  [{ contract: "destructive" }, true],
  [{ without: ["migrations", "snapshots"] }, false],
];

for (const [given, isOneWay] of ONE_WAY) {
  Deno.test(`${isOneWay ? "no" : "a"} way back after the switch: ${JSON.stringify(given)}`, () => {
    assertEquals(setUp(given).work.isOneWay, isOneWay);
  });
}

Deno.test("another one serves after a restart: what was begun is taken back", async () => {
  const { work, memory } = setUp({ contract: "additive", now: at("migrating") });
  assertEquals((await work.recover({ roll: 6, id: "v1" }, "v1", quiet))?.outcome, "untouched");
  assertEquals(memory.now, null);
});

/** Contract, where it ended, roll and version of what runs. */
const IN_THE_WAY: readonly [Contract, DataStage, number, string, boolean][] = [
  ["destructive", "saved", 6, "v1", true],
  ["destructive", "migrating", 6, "v1", true],
  ["destructive", "migrating", 0, "v2", true],
  ["destructive", "migrated", 6, "v1", true],
  ["destructive", "migrated", 7, "v2", false],
  ["destructive", "migrated", 0, "v2", false],
  ["destructive", "restoring", 0, "v1", true],
  ["destructive", "restoring", 0, "v2", true],
  ["destructive", "broken", 6, "v1", true],
  ["additive", "broken", 7, "v2", true],
  ["destructive", "saving", 6, "v1", false],
  ["reversible", "migrated", 6, "v1", true],
  ["additive", "migrated", 6, "v1", false],
];

for (const [contract, stage, roll, id, isInTheWay] of IN_THE_WAY) {
  const end = isInTheWay ? "is in the way" : "may go on";
  Deno.test(`what runs at a start ${end}: ${contract}, ${stage}, ${id} of roll ${roll}`, () => {
    const { work } = setUp({ contract, now: at(stage) });
    assertEquals(work.isInTheWay({ roll, id }), isInTheWay);
  });
}

Deno.test("a snapshot that cannot be taken leaves nothing to take back", async () => {
  const { work, deeds } = setUp({ fails: ["take"] });
  await assertRejects(() => work.run("snapshot", CHANGE, never()), Error, "take said no");
  assertEquals(await work.undo(7, quiet), { outcome: "untouched", detail: "" });
  assertEquals(deeds, ["note saving", "take", "forget", "prune"]);
});

/** What cannot be written down, and what is done then. */
const UNWRITABLE: readonly [DataStep, string, DataStage | null, readonly string[]][] = [
  ["snapshot", "note saving", null, ["note saving", "forget"]],
  ["snapshot", "note saved", "saving", ["note saving", "take", "note saved", "note saving"]],
  ["migrate", "note migrating", "saved", ["note migrating", "note saved"]],
  ["migrate", "note migrated", "migrating", [
    ...["note migrating", "forth", "note migrated", "note migrating"],
  ]],
];

for (const [step, note, stage, expected] of UNWRITABLE) {
  Deno.test(`nothing is done that could not be written down: ${note}`, async () => {
    const now = step === "snapshot" ? null : at("saved");
    const { work, deeds, memory } = setUp({ fails: [note], now });
    await assertRejects(() => work.run(step, CHANGE, never()), Error, note);
    assertEquals([deeds, memory.now?.stage ?? null], [expected, stage]);
  });
}

Deno.test("whoever goes back on purpose keeps the data, whichever roll has changed it", async () => {
  const { work, memory } = setUp({ now: at("migrated") });
  await work.commit(null);
  assertEquals(memory.now, null);
  const broken = setUp({ now: at("broken") });
  await broken.work.commit(null);
  assertEquals(broken.memory.now, at("broken"));
});

Deno.test("another roll's change is none of its business", async () => {
  const { work, deeds } = setUp({ now: at("migrated") });
  await work.commit(8);
  assertEquals(await work.undo(8, quiet), { outcome: "untouched", detail: "" });
  assertEquals(deeds, []);
});

for (const stage of ["saved", "migrating", "migrated", "restoring"] as const) {
  Deno.test(`nothing is put back while somebody may still write: ${stage}`, async () => {
    const notQuiet = () => Promise.resolve(false);
    for (const contract of ["destructive", "reversible"] as const) {
      if (contract === "reversible" && stage === "saved") continue;
      const { work, deeds, memory } = setUp({ contract, now: at(stage) });
      assertEquals((await work.undo(7, notQuiet)).outcome, "put_off");
      assertEquals((await work.recover(null, "v1", notQuiet))?.outcome, "put_off");
      assertEquals([deeds, memory.now], [[], at(stage)]);
    }
  });
}

for (const ends of [true, false]) {
  const what = ends ? "is waited for" : "that does not end puts it off";
  Deno.test(`what was to take it back and still runs ${what}: no copy meets it`, async () => {
    const { work, deeds } = setUp({ contract: "reversible", leaves: REMNANT });
    await runAll(work);
    const left: unknown[] = [];
    const end = await work.undo(7, (remnant) => {
      deeds.push("quiet?");
      if (remnant !== undefined) left.push(remnant);
      return Promise.resolve(remnant === undefined || ends);
    });
    assertEquals([end.outcome, left], [ends ? "restored" : "put_off", [REMNANT]]);
    const after = deeds.slice(deeds.indexOf("back")).filter((deed) => /^[bqr]/.test(deed));
    assertEquals(after, ends ? ["back", "quiet?", "quiet?", "restore s7"] : ["back", "quiet?"]);
  });
}

Deno.test("where nothing may run beside it, that is seen to before each deed and looked at after", async () => {
  const { work, deeds } = setUp({ contract: "reversible", alone: true, fails: ["back"] });
  await runAll(work);
  await work.undo(7, quiet);
  assertEquals(deeds.filter((deed) => !/^(note|forget|prune)/.test(deed)), [
    ...["hold", "take", "look"],
    ...["hold", "forth", "look"],
    ...["hold", "back"],
    ...["hold", "restore s7", "look"],
  ]);
});

for (const deed of ["hold", "look"]) {
  Deno.test(`who runs beside a migration is no fault of the version: ${deed}`, async () => {
    const { work } = setUp({ alone: true, fails: [deed] });
    await assertRejects(() => work.run("migrate", CHANGE, never()), OutageError, `${deed} said no`);
  });
}
