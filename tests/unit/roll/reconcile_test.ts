import { assertEquals, assertRejects } from "@std/assert";
import { Chronicle } from "../../../src/roll/chronicle.ts";
import type { Instance } from "../../../src/roll/instance.ts";
import {
  INSTANCE_STAGES,
  type InstanceRecord,
  type InstanceStage,
} from "../../../src/roll/journal.ts";
import { reconcile } from "../../../src/roll/reconcile.ts";
import { Stage } from "../../../src/roll/stage.ts";
import { SimInstance } from "../../simulation/sim_world.ts";
import { Book } from "./book.ts";
import { FairWorld, never, OPTIONS } from "./fair_world.ts";

/** What has become of an instance since the former life ended. */
const REALITIES = [
  "healthy",
  "sick",
  "mute",
  "shell gone",
  "gone",
] as const;
type Reality = (typeof REALITIES)[number];

/** One line of the journal's list of instances, and what is true. */
interface Left {
  key: string;
  stage: InstanceStage;
  reality: Reality;
}

/** `mute`: it writes to a pipe that nobody reads any more. */
function record({ key, stage, reality }: Left): InstanceRecord {
  const roll = Number(key.slice(1));
  return {
    key,
    roll,
    id: `v${roll}`,
    port: 9100 + roll,
    token: `token${roll}`,
    outlives: reality !== "mute",
    stage,
    pid: stage === "starting" ? null : 1000 + roll,
    birth: null,
    startedAt: 77 + roll,
  };
}

/** What a former life has left, and the world in which it is found. */
function setUp(left: readonly Left[]) {
  const world = new FairWorld();
  const records = left.map(record);
  const book = new Book({ instances: records });
  world.journal = book;
  world.runtime.outlives = true;
  const found = new Map<string, SimInstance>();
  for (const { key, reality } of left) {
    if (reality === "gone") continue;
    const { id, port, roll } = records.find((one) => one.key === key)!;
    world.behave(id, { healthyAfterMs: reality === "sick" ? Infinity : 0 });
    const instance = new SimInstance(world, key, id, port, 1000 + roll, world.behaviours.get(id)!);
    if (reality === "shell gone") instance.end({ code: -1, signal: null });
    world.instances.push(instance);
    found.set(key, instance);
  }
  const find = (one: InstanceRecord): Promise<Instance | null> =>
    Promise.resolve(found.get(one.key) ?? null);
  world.runtime.find = find;
  const chronicle = new Chronicle(book, world.observe);
  const stage = new Stage(world, chronicle, { ...OPTIONS, childPorts: [9101, 9102] });
  const run = async (signal = never()) => {
    const began = world.clock.now();
    const survivor = await world.await(
      reconcile({ effects: world, chronicle, stage }, OPTIONS, signal),
    );
    const tookMs = world.clock.now() - began;
    await world.await(stage.empty());
    return { serves: survivor?.instance.key ?? null, tookMs, survivor };
  };
  const leftovers = () =>
    world.of("instance.leftover").map(({ instance, detail }) => `${instance.key}: ${detail}`);
  return { world, book, stage, run, leftovers };
}

/** What is told of one that could have served and does not. */
const WHY: Record<Exclude<Reality, "healthy" | "gone">, string> = {
  "sick": "it is not healthy: connection refused",
  "mute": "its output has nobody who reads it",
  "shell gone": "it has ended",
};

/** The rows of the power-loss matrix that an instance of that stage belongs to. */
const ROWS: Record<InstanceStage, string> = {
  starting: "candidate start, before its pid is known",
  candidate: "candidate start (side by side)",
  switching: "after route switch, before record",
  current: "nothing was under way",
  draining: "drain",
  stopping: "reap",
};

for (const stage of INSTANCE_STAGES) {
  for (const reality of REALITIES) {
    const couldServe = stage === "switching" || stage === "current";
    const serves = couldServe && reality === "healthy";
    const end = reality === "gone" ? "struck out" : serves ? "it serves on" : "it is stopped";
    Deno.test(`G13 ${ROWS[stage]}: ${stage}, ${reality}: ${end}`, async () => {
      const t = setUp([{ key: "i1", stage, reality }]);
      const { serves: who } = await t.run();
      assertEquals([who, t.stage.current?.key ?? null], serves ? ["i1", "i1"] : [null, null]);
      const isLeftover = !serves && reality !== "gone";
      const why = couldServe && isLeftover
        ? WHY[reality as keyof typeof WHY]
        : `it was ${stage} when liveroll ended`;
      assertEquals(t.leftovers(), isLeftover ? [`i1: ${why}`] : []);
      assertEquals(t.world.of("instance.adopted").length, serves ? 1 : 0);
      assertEquals(t.world.alive, serves ? ["i1"] : []);
      assertEquals(
        t.book.next.instances.map(({ key, stage }) => `${key} ${stage}`),
        serves ? ["i1 current"] : [],
      );
    });
  }
}

Deno.test("G13 who runs on data that is not its own does not serve on, and ends first", async () => {
  const t = setUp([
    { key: "i1", stage: "current", reality: "healthy" },
    { key: "i2", stage: "switching", reality: "healthy" },
  ]);
  const chronicle = new Chronicle(t.book, t.world.observe);
  const tools = { effects: t.world, chronicle, stage: t.stage };
  const options = { ...OPTIONS, isInTheWay: () => true };
  assertEquals(await t.world.await(reconcile(tools, options, never())), null);
  assertEquals([t.world.alive, t.stage.list().size], [[], 0]);
  assertEquals(t.leftovers(), [
    "i2: the data is not that of its version",
    "i1: the data is not that of its version",
  ]);
});

Deno.test("G13 what is left is stopped before it is said that nothing is left", async () => {
  const t = setUp([{ key: "i1", stage: "candidate", reality: "healthy" }]);
  const chronicle = new Chronicle(t.book, t.world.observe);
  const tools = { effects: t.world, chronicle, stage: t.stage };
  await t.world.await(reconcile(tools, OPTIONS, never()));
  assertEquals([t.world.alive, t.stage.list().size], [[], 0]);
  assertEquals(t.book.steps, ["stop.intended i1", "instance.gone i1"]);
});

Deno.test("G13 who serves on does so before the others have been stopped", async () => {
  const t = setUp([
    { key: "i1", stage: "stopping", reality: "healthy" },
    { key: "i2", stage: "current", reality: "healthy" },
  ]);
  t.world.behaviours.get("v1")!.stopsInMs = 5_000;
  const { serves, tookMs } = await t.run();
  assertEquals([serves, tookMs < 1_000], ["i2", true]);
  assertEquals(t.world.alive, ["i2"]);
});

Deno.test("G13 nobody who was switched to is asked to serve without a look at its health", async () => {
  const t = setUp([{ key: "i1", stage: "current", reality: "healthy" }]);
  await t.run();
  assertEquals((t.stage.current as SimInstance).provenByProbe, true);
});

/** Two that are left: who was about to take over, and who served until then. */
const PAIRS: [Reality, Reality, string | null][] = [
  ["healthy", "healthy", "i2"],
  ["healthy", "sick", "i2"],
  ["healthy", "gone", "i2"],
  ["sick", "healthy", "i1"],
  ["mute", "healthy", "i1"],
  ["shell gone", "healthy", "i1"],
  ["gone", "healthy", "i1"],
  ["sick", "sick", null],
  ["gone", "gone", null],
];

for (const [newer, older, winner] of PAIRS) {
  for (const order of ["older first", "newer first"] as const) {
    const what = winner === "i2"
      ? "rolled forward"
      : winner === "i1"
      ? "rolled back"
      : "nobody serves";
    Deno.test(`G13 after route switch, before record: new ${newer}, old ${older}: ${what} (${order})`, async () => {
      const left: Left[] = [
        { key: "i1", stage: "current", reality: older },
        { key: "i2", stage: "switching", reality: newer },
      ];
      const t = setUp(order === "older first" ? left : left.toReversed());
      assertEquals((await t.run()).serves, winner);
      assertEquals([t.world.alive, t.world.target?.key ?? null], [
        winner === null ? [] : [winner],
        winner,
      ]);
      const written = t.book.next.instances.map(({ key, stage }) => `${key} ${stage}`);
      assertEquals(written, winner === null ? [] : [`${winner} current`]);
      assertEquals(t.book.of("switch.done").map(({ key }) => key), winner === "i2" ? ["i2"] : []);
    });
  }
}

Deno.test("G13 drain: the new one serves on, the one that was draining is reaped", async () => {
  const t = setUp([
    { key: "i1", stage: "draining", reality: "healthy" },
    { key: "i2", stage: "current", reality: "healthy" },
  ]);
  assertEquals((await t.run()).serves, "i2");
  assertEquals(t.leftovers(), ["i1: another one serves"]);
  assertEquals(t.world.alive, ["i2"]);
});

Deno.test("G13 candidate start: who served serves on, the candidate is removed, healthy or not", async () => {
  const t = setUp([
    { key: "i1", stage: "current", reality: "healthy" },
    { key: "i2", stage: "candidate", reality: "healthy" },
  ]);
  assertEquals((await t.run()).serves, "i1");
  assertEquals([t.world.alive, t.world.target?.key], [["i1"], "i1"]);
});

Deno.test("G13 two that both seem to serve: one does, the other is stopped", async () => {
  const t = setUp([
    { key: "i1", stage: "current", reality: "healthy" },
    { key: "i2", stage: "current", reality: "healthy" },
  ]);
  assertEquals((await t.run()).serves, "i1");
  assertEquals(t.leftovers(), ["i2: another one serves"]);
  assertEquals(t.world.alive, ["i1"]);
});

Deno.test("G13 none of our instances can outlive us any more: nobody serves on", async () => {
  const t = setUp([{ key: "i1", stage: "current", reality: "healthy" }]);
  t.world.runtime.outlives = false;
  assertEquals((await t.run()).serves, null);
  assertEquals([t.leftovers(), t.world.alive], [["i1: its output has nobody who reads it"], []]);
});

Deno.test("one that requests would not reach does not serve on, however well it is", async () => {
  const t = setUp([{ key: "i1", stage: "current", reality: "healthy" }]);
  Object.defineProperty(t.world.instances[0]!, "misfit", { value: "it has another socket" });
  assertEquals((await t.run()).serves, null);
  assertEquals([t.leftovers(), t.world.alive], [["i1: it has another socket"], []]);
});

Deno.test("requests wait ten seconds at most for the proof of one that may serve on", async () => {
  const t = setUp([{ key: "i1", stage: "current", reality: "sick" }]);
  const { tookMs } = await t.run();
  assertEquals([tookMs >= 10_000, tookMs < 11_000], [true, true]);
});

for (const isWell of [true, false]) {
  Deno.test(`nothing is held against one whose ground has failed; then it is well: ${isWell}`, async () => {
    const t = setUp([{ key: "i1", stage: "current", reality: "sick" }]);
    const one = t.world.instances[0]!;
    const is = { excuse: "the engine is away" as string | null };
    Object.defineProperty(one, "excuse", { get: () => is.excuse });
    const waits: (string | null)[] = [];
    const tools = {
      effects: t.world,
      chronicle: new Chronicle(t.book, t.world.observe),
      stage: t.stage,
    };
    const options = { ...OPTIONS, onWait: (why: string | null) => waits.push(why) };
    t.world.clock.after(600_000, () => {
      is.excuse = null;
      if (isWell) one.behaviour.healthyAfterMs = 0;
    });
    const survivor = await t.world.await(reconcile(tools, options, never()));
    assertEquals(
      [survivor?.instance.key, t.world.alive],
      isWell ? ["i1", ["i1"]] : [undefined, []],
    );
    assertEquals([waits[0], waits.at(-1)], ["v1: the engine is away", null]);
    assertEquals(t.world.clock.now() >= 600_000, true);
  });
}

Deno.test("G13 it recovers from the same journal again and again: idempotent", async () => {
  const left: Left[] = [
    { key: "i1", stage: "current", reality: "healthy" },
    { key: "i2", stage: "switching", reality: "healthy" },
  ];
  const t = setUp(left);
  await t.run();
  const again = setUp([{ key: "i2", stage: "current", reality: "healthy" }]);
  assertEquals(t.book.next.instances.map(({ key, stage }) => [key, stage]), [["i2", "current"]]);
  assertEquals((await again.run()).serves, "i2");
  assertEquals(again.book.lines, []);
});

Deno.test("it is stopped while it looks: nobody is promoted, and whoever is there is on the stage", async () => {
  const t = setUp([
    { key: "i1", stage: "current", reality: "sick" },
    { key: "i2", stage: "switching", reality: "sick" },
    { key: "i3", stage: "draining", reality: "healthy" },
  ]);
  const stop = new AbortController();
  t.world.clock.after(500, () => stop.abort(new Error("stopping")));
  const { serves } = await t.run(stop.signal);
  assertEquals([serves, t.world.target], [null, null]);
  assertEquals(t.leftovers(), ["i2", "i1", "i3"].map((key) => `${key}: liveroll is stopping`));
});

Deno.test("it is stopped while it looks: who is to stay and may have served is left alone, the rest goes", async () => {
  const t = setUp([
    { key: "i1", stage: "current", reality: "sick" },
    { key: "i2", stage: "switching", reality: "sick" },
    { key: "i3", stage: "draining", reality: "healthy" },
    { key: "i4", stage: "candidate", reality: "healthy" },
  ]);
  Object.assign(t.world.runtime, { staysOnStop: true });
  const stop = new AbortController();
  t.world.clock.after(500, () => stop.abort(new Error("stopping")));
  await assertRejects(() => t.run(stop.signal), Error, "stopping");
  assertEquals([t.world.target, t.world.alive], [null, ["i1", "i2"]]);
  assertEquals(t.leftovers(), ["i3", "i4"].map((key) => `${key}: liveroll is stopping`));
  t.stage.kill();
  await t.world.await(t.stage.clear());
  assertEquals(t.world.alive, ["i1", "i2"], "nor are they killed");
  assertEquals(t.book.next.instances.map(({ stage }) => stage), ["current", "switching"]);
});

Deno.test("it is stopped while it looks: who is to stay, but works on data of others, goes", async () => {
  const t = setUp([{ key: "i1", stage: "current", reality: "sick" }]);
  Object.assign(t.world.runtime, { staysOnStop: true });
  const tools = {
    effects: t.world,
    chronicle: new Chronicle(t.book, t.world.observe),
    stage: t.stage,
  };
  const options = { ...OPTIONS, isInTheWay: () => true };
  const stopped = AbortSignal.abort(new Error("stopping"));
  assertEquals(await t.world.await(reconcile(tools, options, stopped)), null);
  assertEquals(t.world.alive, []);
});

Deno.test("the age of an instance survives with it", async () => {
  const t = setUp([{ key: "i1", stage: "current", reality: "healthy" }]);
  await t.run();
  assertEquals(t.stage.times(t.stage.current!).startedAt, 78);
});

Deno.test("a journal that cannot be written does not keep anybody from serving", async () => {
  const t = setUp([
    { key: "i1", stage: "current", reality: "gone" },
    { key: "i2", stage: "switching", reality: "healthy" },
  ]);
  t.book.problem = "disk full";
  assertEquals((await t.run()).serves, "i2");
});

Deno.test("nothing was left: nothing is done", async () => {
  const t = setUp([]);
  assertEquals((await t.run()).serves, null);
  assertEquals([t.book.lines, t.world.events], [[], []]);
});
