import { assertEquals } from "@std/assert";
import { Chronicle } from "../../../src/roll/chronicle.ts";
import type { HookContext } from "../../../src/roll/effects.ts";
import type { HookEnd, Trigger } from "../../../src/roll/events.ts";
import { lateHook, type LateHookName } from "../../../src/roll/late_hook.ts";
import { Phases } from "../../../src/roll/phases.ts";
import { BAD_END, GOOD_END, WITHOUT_HOOKS } from "./attempts_rig.ts";
import { Book } from "./book.ts";
import { FairWorld, never } from "./fair_world.ts";

/** A world with every hook, each of which ends so. */
function setUp(end: HookEnd = GOOD_END) {
  const world = new FairWorld();
  const contexts: HookContext[] = [];
  world.hooks = {
    has: () => true,
    run: (_, context, signal) => {
      contexts.push(context);
      return world.clock.sleep(10, signal).then(() => end);
    },
  };
  const phases = new Phases(2, world, new Chronicle(new Book(), world.observe));
  const run = (
    hook: LateHookName,
    { trigger = "interval" as Trigger, from = "v1", signal = never() } = {},
  ) => {
    const target = { id: "v2", trigger, force: false, requests: [], roll: null };
    const course = { number: 2, target, from, began: 0, phases };
    const options = hook === "after"
      ? { phase: "", port: 9102 } as const
      : { phase: "gate", port: null } as const;
    return lateHook(hook, course, options, world, signal);
  };
  return { world, contexts, run };
}

for (
  const [hook, special] of [
    ["after", { outcome: "succeeded", phase: "", port: 9102 }],
    ["on-failure", { outcome: "failed", phase: "gate", port: null }],
  ] as const
) {
  Deno.test(`${hook} is told how its roll went, and its end is told whatever it is`, async () => {
    for (const end of [GOOD_END, BAD_END]) {
      const { world, contexts, run } = setUp(end);
      await world.await(run(hook)!);
      assertEquals(contexts, [{ roll: 2, trigger: "interval", from: "v1", to: "v2", ...special }]);
      assertEquals(world.of("hook.ended").map((event) => [event.hook, event.end]), [[hook, end]]);
    }
  });
}

Deno.test("where the version does not change, or there is no hook, none is run", () => {
  const { world, run } = setUp();
  for (const trigger of WITHOUT_HOOKS) assertEquals(run("after", { trigger }), null);
  assertEquals(run("after", { from: "v2" }), null);
  world.hooks.has = () => false;
  assertEquals(run("after"), null);
});

Deno.test("the end of everything ends it, and is no end to tell", async () => {
  for (const hook of ["after", "on-failure"] as const) {
    const { world, run } = setUp();
    const abort = new AbortController();
    const work = run(hook, { signal: abort.signal });
    abort.abort(new Error("stopping"));
    await world.await(work!);
    assertEquals(world.of("hook.ended"), []);
  }
});
