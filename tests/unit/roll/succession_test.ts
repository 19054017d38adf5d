import { assertEquals } from "@std/assert";
import type { Course } from "../../../src/roll/course.ts";
import { Chronicle } from "../../../src/roll/chronicle.ts";
import type { Instance } from "../../../src/roll/instance.ts";
import { Ending } from "../../../src/roll/ending.ts";
import type { Trigger } from "../../../src/roll/events.ts";
import { Phases } from "../../../src/roll/phases.ts";
import { Preferences } from "../../../src/roll/preferences.ts";
import { Recovery } from "../../../src/roll/recovery.ts";
import { Succession } from "../../../src/roll/succession.ts";
import { Book } from "./book.ts";
import { FairWorld } from "./fair_world.ts";

/** A succession after `v1`; `told` is what others were told, in order. */
function setUp({ pinned = null as string | null } = {}) {
  const world = new FairWorld();
  const book = new Book();
  const chronicle = new Chronicle(book, world.observe);
  const settings = { ...book.memory.settings, pinned };
  const preferences = new Preferences(settings, chronicle, world.observe);
  const recovery = new Recovery();
  recovery.serves("v1", 0);
  const ending = new Ending();
  const told: string[] = [];
  const stage = {
    current: null as Instance | null,
    bury() {
      told.push("buried");
      this.current = null;
    },
  };
  let isHealing = false;
  const succession = new Succession({
    effects: world,
    stage,
    preferences,
    refusals: {
      absolve: (id) => told.push(`absolved ${id}`) > 0,
      forgetLatest: () => told.push("no refusal"),
    },
    recovery,
    healing: { brings: () => isHealing },
    rolls: { arrived: () => told.push("arrived") },
    guard: {
      arrived: (_, { id }, previous) => told.push(`guarded ${id} after ${previous?.id}`),
      exited: ({ id }) => told.push(`guard saw ${id} end`),
    },
    ending,
    onSucceeded: () => told.push("succeeded"),
    onEnded: () => told.push("ended"),
  });
  const course = (id: string, trigger: Trigger): Course => {
    const target = { id, trigger, force: false, requests: [], roll: null };
    const phases = new Phases(2, world, chronicle);
    return { number: 2, target, from: recovery.provenId, began: 0, phases };
  };
  /** `id` takes the place of whoever serves. */
  const takeOver = async (id: string, trigger: Trigger, healing = false) => {
    const instance = await world.launch(id, 9101);
    const previous = stage.current;
    stage.current = instance;
    isHealing = healing;
    succession.switched(course(id, trigger), instance, previous);
    return instance;
  };
  return { world, succession, stage, preferences, recovery, ending, told, takeOver };
}

Deno.test("a new version is told to everybody in the step of the switch", async () => {
  const { takeOver, told, recovery, world } = setUp();
  const healing = recovery.begin();
  await takeOver("v2", "interval");
  assertEquals(told, [
    "arrived",
    "no refusal",
    "absolved v2",
    "guarded v2 after undefined",
    "succeeded",
  ]);
  assertEquals([recovery.provenId, healing.aborted], ["v2", true]);
  assertEquals(world.of("roll.switched").map(({ roll, from }) => [roll, from]), [[2, "v1"]]);
});

Deno.test("a restart leaves the refusal of something newer as it is", async () => {
  const { takeOver, told } = setUp();
  await takeOver("v1", "restart");
  assertEquals(told.slice(0, 2), ["arrived", "absolved v1"]);
});

Deno.test("a healing does not call itself off", async () => {
  const { takeOver, told, recovery } = setUp();
  const healing = recovery.begin();
  await takeOver("v1", "crash", true);
  assertEquals([told[0], healing.aborted], ["absolved v1", false]);
});

for (
  const [trigger, id, pinned, skipped, pinnedThen] of [
    ["rollback", "v0", null, ["v1"], null],
    ["rollback", "v0", "v1", ["v1"], "v0"],
    ["rollback", "v0", "v9", ["v1"], "v9"],
    ["rollback", "v1", "v1", [], "v1"],
    ["automatic-rollback", "v0", "v1", [], "v1"],
  ] as const
) {
  Deno.test(`${trigger} from v1 to ${id}, ${pinned} pinned: skipped is [${skipped}], ${pinnedThen} pinned`, async () => {
    const { takeOver, preferences } = setUp({ pinned });
    await takeOver(id, trigger);
    assertEquals(preferences.now.skipped, skipped);
    assertEquals(preferences.now.pinned, pinnedThen);
  });
}

Deno.test("the end of what serves is told, and it is buried and healed", async () => {
  const { takeOver, told, world } = setUp();
  const instance = await takeOver("v2", "interval");
  told.length = 0;
  instance.end({ code: 7, signal: null });
  await instance.exited;
  assertEquals(told, ["buried", "guard saw v2 end", "ended"]);
  assertEquals(world.of("instance.exited").map(({ exit }) => exit.code), [7]);
});

Deno.test("what was adopted is looked after in the same way", async () => {
  const { world, stage, succession, told } = setUp();
  const instance = await world.launch("v1", 9101);
  stage.current = instance;
  succession.adopted(instance);
  instance.end({ code: 7, signal: null });
  await instance.exited;
  assertEquals(told, ["succeeded", "buried", "guard saw v1 end", "ended"]);
});

Deno.test("the end of what serves no more is no news", async () => {
  const { takeOver, told } = setUp();
  const first = await takeOver("v1", "start");
  await takeOver("v2", "interval");
  told.length = 0;
  first.end({ code: 0, signal: null });
  await first.exited;
  assertEquals(told, []);
});

Deno.test("at the end nothing is healed, and at a forced one nothing told", async () => {
  for (const [stops, expected] of [[1, ["buried", "ended"]], [2, []]] as const) {
    const { takeOver, told, ending } = setUp();
    const instance = await takeOver("v2", "interval");
    told.length = 0;
    for (let i = 0; i < stops; i++) ending.stop();
    instance.end({ code: 0, signal: null });
    await instance.exited;
    assertEquals(told, [...expected]);
  }
});
