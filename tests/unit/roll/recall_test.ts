import { assert, assertEquals, assertRejects } from "@std/assert";
import { Chronicle } from "../../../src/roll/chronicle.ts";
import { Phases } from "../../../src/roll/phases.ts";
import { recall, recallIfWell } from "../../../src/roll/recall.ts";
import { Stage } from "../../../src/roll/stage.ts";
import type { SimInstance } from "../../simulation/sim_world.ts";
import { Book } from "./book.ts";
import { FairWorld, OPTIONS } from "./fair_world.ts";

/** A stage on which `v2` has taken the place of `v1`, which is kept warm. */
async function setUp() {
  const world = new FairWorld();
  const book = new Book();
  world.journal = book;
  const chronicle = new Chronicle(book, world.observe);
  const stage = new Stage(world, chronicle, { ...OPTIONS, keepWarmMs: 60_000 });
  const serve = async (id: string, roll: number) => {
    const instance = await world.launch(id, 9100 + roll);
    stage.admit(instance, 0);
    stage.promote(instance, roll);
    return instance;
  };
  const before = await serve("v1", 1);
  const now = await serve("v2", 2);
  while (await world.clock.step(1_000));
  book.lines.length = 0;
  const cast = { stage, effects: world, chronicle, phases: new Phases(3, world, chronicle) };
  const abort = new AbortController();
  const back = (id = "v1") => {
    const target = { id, trigger: "rollback", force: true, requests: [], roll: null } as const;
    const course = { number: 3, target, from: "v2" };
    const options = { healthProbeTimeoutMs: 1_000 };
    return world.await(recallIfWell(course, cast, options, abort.signal));
  };
  const switches = () => book.steps.filter((step) => step.startsWith("switch."));
  return { world, book, stage, before, now, cast, abort, back, switches };
}

Deno.test("the switch back is intended, made and written down, in one step", async () => {
  const { before, cast, stage, switches, book } = await setUp();
  recall(before, 3, "v2", cast);
  assertEquals(switches(), ["switch.intended i1", "switch.done i1"]);
  assertEquals(book.of("switch.intended").map(({ roll, from }) => [roll, from]), [[3, "v2"]]);
  assertEquals(stage.current, before);
});

Deno.test("who is kept warm and well serves again, without a start", async () => {
  const { before, back, stage, world } = await setUp();
  const started = world.deeds.length;
  assertEquals(await back(), before);
  assertEquals(stage.current, before);
  assertEquals(world.deeds.slice(started).filter((deed) => deed.startsWith("start")), []);
});

Deno.test("a version that nothing is left of has to be started", async () => {
  const { back, stage, now } = await setUp();
  assertEquals([await back("v0"), stage.current], [null, now]);
});

for (
  const [what, spoil] of [
    ["who is not well", (world: FairWorld) => {
      world.probe = () => Promise.resolve({ healthy: false, detail: "status 503" });
    }],
    ["who does not answer in time", (world: FairWorld) => {
      world.probe = (_, signal) =>
        new Promise((resolve) =>
          signal.addEventListener("abort", () => resolve({ healthy: false, detail: "no answer" }))
        );
    }],
    ["who ends while it is asked", (world: FairWorld, before: SimInstance) => {
      world.probe = () => {
        before.end({ code: 1, signal: null });
        return Promise.resolve({ healthy: true });
      };
    }],
  ] as const
) {
  Deno.test(`${what} does not serve again, and nothing is written down`, async () => {
    const { world, before, now, back, stage, switches } = await setUp();
    spoil(world, before);
    assertEquals([await back(), stage.current, switches()], [null, now, []]);
  });
}

Deno.test("nobody is brought back when everything ends", async () => {
  const { world, abort, back, stage, now } = await setUp();
  world.probe = () => {
    abort.abort(new Error("stopping"));
    return Promise.resolve({ healthy: true });
  };
  await assertRejects(() => back(), Error, "stopping");
  assert(stage.current === now);
});
