import { assertEquals, assertRejects } from "@std/assert";
import { OutageError, RemainsError } from "../../../src/roll/effects.ts";
import type { DataChanges, DataEnd, DataStep, Quiet } from "../../../src/roll/data_changes.ts";
import { Chronicle } from "../../../src/roll/chronicle.ts";
import { Phases } from "../../../src/roll/phases.ts";
import { roll, type RollOptions, type RollPlan, type RollResult } from "../../../src/roll/roll.ts";
import { Stage } from "../../../src/roll/stage.ts";
import { Book } from "./book.ts";
import { FairWorld, OPTIONS } from "./fair_world.ts";

/** Data whose changes are only written down. */
class Notebook implements DataChanges {
  readonly steps: readonly DataStep[] = ["snapshot", "migrate"];
  isOneWay = true;
  obstacle: string | null = null;
  fails: DataStep | null = null;
  hangs: DataStep | null = null;
  /** Why the data cannot be saved. */
  problem: string | null = null;
  end: DataEnd = { outcome: "restored", detail: "the data of v1 was restored" };

  failure = (step: DataStep): Error => new Error(`${step} said no`);

  constructor(readonly deeds: string[]) {}

  foresee(): Promise<void> {
    return this.problem === null ? Promise.resolve() : Promise.reject(new Error(this.problem));
  }
  run(step: DataStep, _: unknown, signal: AbortSignal): Promise<void> {
    this.deeds.push(step);
    if (step === this.hangs) {
      return new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason))
      );
    }
    return step === this.fails ? Promise.reject(this.failure(step)) : Promise.resolve();
  }
  commit(): Promise<void> {
    this.deeds.push("commit");
    return Promise.resolve();
  }
  async undo(_: number, quiet: Quiet): Promise<DataEnd> {
    if (!await quiet()) return { outcome: "put_off", detail: "later" };
    this.deeds.push("undo");
    return this.end;
  }
  isInTheWay(): boolean {
    return false;
  }

  recover(): Promise<DataEnd | null> {
    return Promise.resolve(null);
  }
}

/** Rolls to versions that need their data changed. */
class DataRolls {
  readonly world = new FairWorld();
  readonly data = new Notebook(this.world.deeds);
  readonly book = new Book();
  readonly chronicle = new Chronicle(this.book, this.world.observe);
  readonly stage = new Stage(this.world, this.chronicle, OPTIONS);
  readonly abort = new AbortController();
  #number = 0;

  start(id: string, plan: Partial<RollPlan> = {}, options: Partial<RollOptions> = {}) {
    const number = ++this.#number;
    const effects = Object.assign(this.world, { data: this.data });
    const phases = new Phases(number, effects, this.chronicle);
    const result = roll(
      {
        ...{ roll: number, id, trigger: "interval", from: null, hooks: true, strict: true },
        changesData: true,
        onSwitched: () => {},
        ...plan,
      },
      { stage: this.stage, chronicle: this.chronicle, effects, phases },
      { ...OPTIONS, ...options },
      this.abort.signal,
    );
    result.catch(() => {});
    return result;
  }

  async roll(id: string, options: Partial<RollOptions> = {}): Promise<RollResult> {
    if (!this.world.behaviours.has(id)) this.world.behave(id);
    return await this.world.await(this.start(id, {}, options));
  }

  async pass(ms: number): Promise<void> {
    const until = this.world.clock.now() + ms;
    while (await this.world.clock.step(until));
  }

  /** What was done since the last look. */
  deeds(): string[] {
    return this.world.deeds.splice(0);
  }
}

Deno.test("the data is saved and changed before a version starts, and stays once it serves", async () => {
  const rolls = new DataRolls();
  await rolls.roll("v1");
  assertEquals(rolls.deeds(), ["snapshot", "migrate", "start v1@9101", "switch i1", "commit"]);
});

Deno.test("G1 changed data stays once it is known for good whose it is, not before", async () => {
  const rolls = new DataRolls();
  rolls.world.behave("v1");
  const onSwitched = () => {
    rolls.book.problem = "disk full";
    rolls.chronicle.note({ step: "version.proven", id: "v1", at: 0 });
  };
  const result = await rolls.world.await(rolls.start("v1", { onSwitched }));
  assertEquals([result.outcome, rolls.deeds().includes("commit")], ["switched", false]);
  rolls.book.problem = null;
  await rolls.chronicle.note({ step: "version.proven", id: "v1", at: 0 });
  await rolls.chronicle.recovery();
  assertEquals(rolls.deeds(), ["commit"]);
});

Deno.test("with the exclusive strategy nobody writes while the data is saved and changed", async () => {
  const rolls = new DataRolls();
  await rolls.roll("v1");
  rolls.deeds();
  await rolls.roll("v2", { exclusive: true });
  const deeds = rolls.deeds();
  assertEquals(deeds.indexOf("stop i1") < deeds.indexOf("snapshot"), true, deeds.join());
});

Deno.test("G6 data that cannot be saved costs the version that serves nothing", async () => {
  const rolls = new DataRolls();
  await rolls.roll("v1");
  rolls.deeds();
  rolls.data.problem = "no room on the disk";
  const result = await rolls.roll("v2", { exclusive: true });
  assertEquals([rolls.deeds(), rolls.stage.current?.id], [[], "v1"]);
  assertEquals(result, {
    outcome: "failed",
    reason: "snapshot_failed",
    phase: "snapshot",
    detail: "no room on the disk",
    lastLines: [],
    isFault: false,
  });
});

Deno.test("a refused version has stopped before its data is taken back", async () => {
  const rolls = new DataRolls();
  rolls.world.behave("bad", { livesMs: 10, healthyAfterMs: 1_000 });
  const result = await rolls.roll("bad", { exclusive: true });
  assertEquals(result.outcome, "failed");
  const deeds = rolls.deeds();
  assertEquals(deeds.at(-1), "undo");
  assertEquals(deeds.includes("stop i1"), true, deeds.join());
  assertEquals("detail" in result && result.detail.endsWith("; the data of v1 was restored"), true);
});

Deno.test("a migration that fails refuses the version, and the old one was not touched", async () => {
  const rolls = new DataRolls();
  rolls.data.fails = "migrate";
  const result = await rolls.roll("v1");
  assertEquals(rolls.deeds(), ["snapshot", "migrate", "undo"]);
  assertEquals(result, {
    outcome: "failed",
    reason: "migration_failed",
    phase: "migrate",
    detail: "migrate said no; the data of v1 was restored",
    lastLines: [],
    isFault: true,
  });
});

Deno.test("a migration that fails with what it runs on is no fault of the version", async () => {
  const rolls = new DataRolls();
  rolls.data.fails = "migrate";
  rolls.data.failure = () => new OutageError("the engine went away");
  const result = await rolls.roll("v1");
  assertEquals(result.outcome === "failed" && result.isFault, false);
  assertEquals(rolls.deeds(), ["snapshot", "migrate", "undo"]);
});

Deno.test("a snapshot that cannot be taken is no fault of the version", async () => {
  const rolls = new DataRolls();
  rolls.data.fails = "snapshot";
  rolls.data.end = { outcome: "untouched", detail: "" };
  const result = await rolls.roll("v1");
  assertEquals(rolls.deeds(), ["snapshot", "undo"]);
  assertEquals(result, {
    outcome: "failed",
    reason: "snapshot_failed",
    phase: "snapshot",
    detail: "snapshot said no",
    lastLines: [],
    isFault: false,
  });
});

Deno.test("a roll that is called off in its migration leaves the data as it was", async () => {
  const rolls = new DataRolls();
  rolls.data.hangs = "migrate";
  const result = rolls.start("v1");
  await rolls.world.clock.step(1);
  rolls.abort.abort(new DOMException("liveroll is stopping", "AbortError"));
  await assertRejects(() => rolls.world.await(result), DOMException, "stopping");
  assertEquals(rolls.deeds(), ["snapshot", "migrate", "undo"]);
});

Deno.test("whoever fails to hear of a switch does not get the data of what serves taken away", async () => {
  const rolls = new DataRolls();
  rolls.world.behave("v1");
  const onSwitched = () => {
    throw new TypeError("a bug");
  };
  const result = rolls.start("v1", { onSwitched });
  await assertRejects(() => rolls.world.await(result), TypeError, "a bug");
  assertEquals(rolls.deeds().at(-1), "commit");
});

Deno.test("nothing is started on data that could not be restored, and no version is to blame", async () => {
  const rolls = new DataRolls();
  rolls.data.obstacle = "the data was not restored";
  const result = await rolls.world.await(rolls.start("v1", { changesData: false }));
  assertEquals(result, {
    outcome: "failed",
    reason: "data_not_restored",
    phase: "start",
    detail: "the data was not restored",
    lastLines: [],
    isFault: false,
  });
  assertEquals(rolls.deeds(), []);
});

Deno.test("the same version again finds its data as it is", async () => {
  const rolls = new DataRolls();
  rolls.world.behave("v1");
  await rolls.world.await(rolls.start("v1", { changesData: false }));
  assertEquals(rolls.deeds(), ["start v1@9101", "switch i1"]);
});

Deno.test("whoever goes back on purpose settles what was changed before, then starts", async () => {
  const rolls = new DataRolls();
  rolls.world.behave("v1");
  await rolls.world.await(rolls.start("v1", { changesData: false, trigger: "rollback" }));
  assertEquals(rolls.deeds(), ["commit", "start v1@9101", "switch i1"]);
});

Deno.test("side by side, too, who was refused has ended before its data is taken back", async () => {
  const rolls = new DataRolls();
  await rolls.roll("v1");
  rolls.deeds();
  rolls.world.behave("bad", { healthyAfterMs: Infinity, stopsInMs: 5_000 });
  const undone: boolean[] = [];
  rolls.world.onStop = (instance) => instance.exited.then(() => undone.push(isUndone()));
  const isUndone = () => rolls.world.deeds.includes("undo");
  await rolls.roll("bad");
  assertEquals([undone, isUndone(), rolls.stage.current?.id], [[false], true, "v1"]);
});

for (const exclusive of [true, false]) {
  const how = exclusive ? "exclusive" : "side by side";
  Deno.test(`data is not taken back from under who cannot be ended: ${how}`, async () => {
    const rolls = new DataRolls();
    rolls.world.behave("bad", { healthyAfterMs: Infinity });
    let holds = true;
    const { start } = rolls.world.runtime;
    rolls.world.runtime.start = async (what) => {
      const instance = await start(what);
      const stop = instance.stop.bind(instance);
      instance.stop = () => holds ? Promise.resolve("survived" as const) : stop();
      return instance;
    };
    const rolling = rolls.start("bad", {}, { exclusive });
    await rolls.pass(300_000);
    assertEquals(rolls.deeds().includes("undo"), false);
    holds = false;
    const result = await rolls.world.await(rolling);
    assertEquals([result.outcome, rolls.deeds().at(-1)], ["failed", "undo"]);
  });
}

Deno.test("what cannot be taken back before the end is left to the next start", async () => {
  const rolls = new DataRolls();
  rolls.world.behave("bad", { healthyAfterMs: Infinity });
  const { start } = rolls.world.runtime;
  rolls.world.runtime.start = async (what) => {
    const instance = await start(what);
    instance.stop = () => Promise.resolve("survived" as const);
    return instance;
  };
  const rolling = rolls.start("bad", {}, { exclusive: true });
  await rolls.pass(300_000);
  rolls.abort.abort(new DOMException("liveroll is stopping", "AbortError"));
  await rolls.world.await(rolls.stage.clear());
  const result = await rolls.world.await(rolling);
  assertEquals("detail" in result && result.detail.endsWith("; later"), true);
  assertEquals(rolls.deeds().includes("undo"), false);
});

Deno.test("a migration that may still be at work has ended before its data is taken back", async () => {
  const rolls = new DataRolls();
  let isAtWork = true;
  const stop = () => Promise.resolve(isAtWork ? "survived" as const : "killed" as const);
  const remains = { key: "i1", id: "v1", port: 0, pid: 0, stop };
  rolls.data.fails = "migrate";
  rolls.data.failure = () => new RemainsError(remains, new OutageError("the engine went away"));
  const rolling = rolls.start("v1");
  await rolls.pass(300_000);
  assertEquals(rolls.deeds(), ["snapshot", "migrate"]);
  isAtWork = false;
  const result = await rolls.world.await(rolling);
  assertEquals(result.outcome === "failed" && result.isFault, false);
  assertEquals(rolls.deeds(), ["undo"]);
});
