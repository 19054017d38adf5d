import { Attempts } from "../../../src/roll/attempts.ts";
import type { Course } from "../../../src/roll/course.ts";
import type { Found } from "../../../src/roll/checker.ts";
import { Chronicle } from "../../../src/roll/chronicle.ts";
import type { HookContext } from "../../../src/roll/effects.ts";
import type { HookEnd, HookName, Trigger } from "../../../src/roll/events.ts";
import type { Memory } from "../../../src/roll/journal.ts";
import { Requests } from "../../../src/roll/requests.ts";
import { Stage } from "../../../src/roll/stage.ts";
import { TurnKeeper } from "../../../src/roll/turn_keeper.ts";
import { Book } from "./book.ts";
import { FairWorld, never, OPTIONS } from "./fair_world.ts";

/** The same version again, or the proven one back: no business of the operator's hooks. */
export const WITHOUT_HOOKS: readonly Trigger[] = [
  "crash",
  "liveness",
  "restart",
  "automatic-rollback",
];

export const GOOD_END: HookEnd = { outcome: "succeeded", code: 0, lastLines: [], durationMs: 1 };
export const BAD_END: HookEnd = { outcome: "failed", code: 7, lastLines: ["no"], durationMs: 1 };

/** Attempts on a stage of their own; `consequences` tells what others were told. */
export function setUp({ memory = {}, hooks = {} }: {
  memory?: Partial<Memory>;
  hooks?: Partial<Record<HookName, HookEnd>>;
} = {}) {
  const world = new FairWorld();
  const book = new Book(memory);
  world.journal = book;
  const hooked: [HookName, HookContext][] = [];
  world.hooks = {
    has: (hook) => hooks[hook] !== undefined,
    run: async (hook, context, signal) => {
      hooked.push([hook, context]);
      await world.clock.sleep(10, signal);
      return hooks[hook]!;
    },
  };
  const chronicle = new Chronicle(book, world.observe);
  const stage = new Stage(world, chronicle, OPTIONS);
  const requests = new Requests(world.observe);
  const consequences: string[] = [];
  const besides: Promise<void>[] = [];
  const courses: Course[] = [];
  const turns = new TurnKeeper({ effects: world, stage, onChanged: () => {} });
  const attempts = new Attempts({ effects: world, chronicle, stage, requests, turns }, OPTIONS, {
    onSwitched: (course, instance, previous) => {
      courses.push(course);
      consequences.push(`switched to ${instance.key} from ${previous?.key ?? "nobody"}`);
    },
    onSettled: ({ number }) => consequences.push(`settled ${number}`),
    onRefused: ({ id }, detail) => {
      consequences.push(`refused ${id}: ${detail}`);
      return 30_000;
    },
    onBesides: (work) => void besides.push(work),
  });
  const roll = async (id: string, trigger: Trigger = "interval", more: Partial<Found> = {}) => {
    if (!world.behaviours.has(id)) world.behave(id);
    const target = { id, trigger, force: false, requests: [], roll: null, ...more };
    const from = stage.current?.id ?? null;
    const outcome = await world.await(attempts.run(target, from, never()));
    await world.await(Promise.all(besides));
    return outcome;
  };
  const ends = () =>
    book.of("roll.ended").map(({ roll, outcome, detail }) => [roll, outcome, detail]);
  const hookNames = () => hooked.map(([hook]) => hook);
  return {
    world,
    book,
    stage,
    requests,
    attempts,
    turns,
    roll,
    consequences,
    courses,
    hooked,
    hookNames,
    ends,
  };
}
