import { assert, assertEquals, assertRejects } from "@std/assert";
import { Chronicle } from "../../../src/roll/chronicle.ts";
import { type Effects, OutageError, RemainsError } from "../../../src/roll/effects.ts";
import type { Instance } from "../../../src/roll/instance.ts";
import { Phases } from "../../../src/roll/phases.ts";
import type { RollPlan, RollResult } from "../../../src/roll/roll.ts";
import { Stage } from "../../../src/roll/stage.ts";
import { start } from "../../../src/roll/start.ts";
import { Book } from "./book.ts";
import { FairWorld, OPTIONS } from "./fair_world.ts";

const EXCHANGE: Partial<Effects> = { exchange: { run: () => Promise.resolve(null) } };

/** A stage on which the candidate of roll 1 is started. */
function setUp(more: Partial<RollPlan> = {}, moreEffects: Partial<Effects> = {}) {
  const world = new FairWorld();
  const book = new Book();
  world.journal = book;
  const chronicle = new Chronicle(book, world.observe);
  const stage = new Stage(world, chronicle, OPTIONS);
  const abort = new AbortController();
  world.behave("v1");
  const phases = new Phases(1, world, chronicle);
  const effects: Effects = Object.assign(world, moreEffects);
  const plan: RollPlan = {
    roll: 1,
    trigger: "interval",
    from: null,
    id: "v1",
    hooks: false,
    changesData: false,
    strict: true,
    onSwitched: () => {},
    ...more,
  };
  const take = async () => {
    const choice = await world.await(stage.takePort(abort.signal));
    assert(choice.port !== null);
    return choice.port;
  };
  const begin = async (): Promise<Instance | RollResult> => {
    const port = await take();
    const work = start(plan, port, { stage, effects, chronicle, phases }, abort.signal);
    work.catch(() => {});
    return await world.await(work);
  };
  /** Lines about the instance, without those about phases. */
  const steps = () => book.steps.filter((step) => step.startsWith("instance."));
  return { world, book, stage, abort, begin, take, steps };
}

Deno.test("what is started is written down before, and again when it is there", async () => {
  const { world, stage, begin, steps, book } = setUp();
  let before: string[] = [];
  const { start } = world.runtime;
  world.runtime.start = (version) => {
    before = steps();
    return start(version);
  };
  const instance = await begin();
  assert("key" in instance);
  assertEquals(before, ["instance.starting i1"]);
  assertEquals(steps(), ["instance.starting i1", "instance.started i1"]);
  assertEquals(book.of("instance.started").map(({ pid }) => pid), [instance.pid]);
  assertEquals(stage.list().size, 1);
});

Deno.test("what cannot be written down is not started, and nobody looks for it", async () => {
  const { world, book, begin, steps, take } = setUp();
  book.problem = "the disk is full";
  const result = await begin();
  assertEquals(result, { outcome: "unwritable", detail: "the disk is full" });
  assertEquals([world.deeds, steps()], [[], ["instance.starting i1", "instance.gone i1"]]);
  assertEquals(await take(), 9101);
});

Deno.test("what has to happen in any case is started although it cannot be written down", async () => {
  const { world, book, begin } = setUp({ strict: false });
  book.problem = "the disk is full";
  assert("key" in await begin());
  assertEquals(world.deeds, ["start v1@9101"]);
});

for (
  const [error, isFault] of [
    [new Error("no such program"), undefined],
    [new OutageError("the engine is away"), false],
  ] as const
) {
  Deno.test(`${error.name}: ${error.message}; its port is free again, and its version ${isFault ?? "not excused"}`, async () => {
    const { world, begin, take, steps } = setUp();
    world.runtime.start = () => Promise.reject(error);
    assertEquals(await begin(), {
      outcome: "failed",
      reason: "start_failed",
      phase: "start",
      detail: error.message,
      lastLines: [],
      ...isFault !== undefined && { isFault },
    });
    assertEquals(steps().at(-1), "instance.gone i1");
    assertEquals(await take(), 9101);
  });
}

Deno.test("nothing is started when everything ends, and nothing is left to look for", async () => {
  const { world, begin, abort, steps } = setUp();
  const newToken = world.newToken.bind(world);
  // The end comes while it is written down.
  world.newToken = () => {
    abort.abort(new Error("stopping"));
    return newToken();
  };
  await assertRejects(begin, Error, "stopping");
  assertEquals([world.deeds, steps().at(-1)], [[], "instance.gone i1"]);
});

Deno.test("only a part is started where another one serves that can be exchanged bit by bit", async () => {
  for (const [serves, canExchange] of [[false, true], [true, false], [true, true]] as const) {
    const { world, stage, begin } = setUp({}, canExchange ? EXCHANGE : {});
    if (serves) {
      const old = await world.launch("v0", 9109);
      stage.admit(old, 0);
      stage.promote(old, 0);
    }
    const asked: (boolean | undefined)[] = [];
    const { start } = world.runtime;
    world.runtime.start = (version: Parameters<typeof start>[0] & { isPart?: boolean }) => {
      asked.push(version.isPart);
      return start(version);
    };
    await begin();
    assertEquals(asked, [serves && canExchange ? true : undefined]);
  }
});

Deno.test("who was killed while it was started may come to be: the next start has to look for it", async () => {
  const { world, stage, begin, abort, steps } = setUp();
  const killed = Promise.withResolvers<never>();
  const deeds: string[] = [];
  Object.assign(world.runtime, {
    start: () => killed.promise,
    kill: () => {
      deeds.push("killed");
      killed.reject(new Error("nothing is waited for any more"));
    },
  });
  world.clock.after(5_000, () => abort.abort(new Error("liveroll is stopping")));
  world.clock.after(9_000, () => stage.kill());
  await assertRejects(() => begin(), Error, "liveroll is stopping");
  assertEquals([deeds, steps()], [["killed"], ["instance.starting i1"]]);
});

Deno.test("what was begun and could not be ended leaves like any other, and is not forgotten", async () => {
  const { world, stage, begin, steps } = setUp();
  const { start } = world.runtime;
  world.runtime.start = async (what) => {
    const remains = await start(what);
    remains.stop = () => Promise.resolve("survived");
    throw new RemainsError(remains, new OutageError("the engine went away"));
  };
  const result = await begin();
  assert("outcome" in result && result.outcome === "failed");
  assertEquals([result.detail, result.isFault], ["the engine went away", false]);
  await world.await(stage.empty());
  assertEquals(steps(), ["instance.starting i1"]);
  assertEquals(stage.remains.list.map(({ key }) => key), ["i1"]);
  await world.await(stage.clear());
});
