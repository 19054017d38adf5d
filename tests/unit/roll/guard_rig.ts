import { Attempts } from "../../../src/roll/attempts.ts";
import type { Course } from "../../../src/roll/course.ts";
import { Chronicle } from "../../../src/roll/chronicle.ts";
import type { Trigger } from "../../../src/roll/events.ts";
import { Guard, type GuardOptions } from "../../../src/roll/guard.ts";
import { ProvenVersions } from "../../../src/roll/proven_versions.ts";
import { Recovery } from "../../../src/roll/recovery.ts";
import { Requests } from "../../../src/roll/requests.ts";
import { Stage } from "../../../src/roll/stage.ts";
import { TurnKeeper } from "../../../src/roll/turn_keeper.ts";
import type { SimInstance } from "../../simulation/sim_world.ts";
import { Book } from "./book.ts";
import { FairWorld, OPTIONS } from "./fair_world.ts";

/** So long the requests of one that leaves take. */
export const DRAIN_MS = 2_000;

/** A guard, the stage that it looks at, and what it asked the others to do. */
export function setUp(options: Partial<GuardOptions> & { keepWarmMs?: number } = {}) {
  const world = new FairWorld();
  const book = new Book();
  world.journal = book;
  const ill = new Set<string>();
  world.probe = ({ id }) =>
    Promise.resolve(ill.has(id) ? { healthy: false, detail: "status 503" } : { healthy: true });
  world.traffic.drain = async (_, _timeoutMs, signal) => {
    await world.clock.sleep(DRAIN_MS, signal).catch(() => {});
    return { finished: 1, cut: 0 };
  };
  const chronicle = new Chronicle(book, world.observe);
  const all = { ...OPTIONS, minHealthyMs: 10_000, livenessThreshold: 3, ...options };
  const stage = new Stage(world, chronicle, { ...all, childPorts: [1, 2, 3, 4, 5] });
  const requests = new Requests(world.observe);
  const nothing = () => {};
  const turns = new TurnKeeper({ effects: world, stage, onChanged: () => {} });
  const attempts = new Attempts({ effects: world, chronicle, stage, requests, turns }, all, {
    onSwitched: nothing,
    onSettled: nothing,
    onRefused: () => null,
    onBesides: nothing,
  });
  const recovery = new Recovery();
  const proven = new ProvenVersions([], chronicle, world.date);
  const stopping = new AbortController();
  const quarantined: string[] = [];
  const restarts: number[] = [];
  const guard = new Guard(
    { effects: world, chronicle, stage, attempts, recovery, proven },
    all,
    {
      quarantine: (id, detail) => quarantined.push(`${id}: ${detail}`),
      tellRestart: ({ crashes }) => restarts.push(crashes),
      besides: nothing,
      changed: nothing,
      stopping: stopping.signal,
    },
  );
  let number = 0;
  /** A roll to `id` that goes well, up to its settlement. */
  const serve = async (id: string, trigger: Trigger = "interval") => {
    const roll = ++number;
    book.write({ step: "roll.began", roll, at: 0, trigger, from: null, to: id });
    const target = { id, trigger, force: false, requests: [], roll };
    const course: Course = attempts.resume(target, stage.current?.id ?? null);
    const instance = await world.launch(id, roll);
    stage.admit(instance, 0);
    const previous = stage.current;
    stage.promote(instance, roll);
    recovery.serves(id, world.clock.now());
    guard.arrived(course, instance, previous);
    guard.settle(course);
    return instance;
  };
  /** The process ends, and is buried by whoever looks after the stage. */
  const die = (instance: SimInstance) => {
    instance.end({ code: 1, signal: null });
    if (stage.current !== instance) return;
    stage.bury(instance);
    guard.exited(instance);
  };
  const pass = async (ms: number) => {
    const until = world.clock.now() + ms;
    while (await world.clock.step(until));
  };
  /** How rolls ended, for example `2 rolled_back`. */
  const ends = () => book.of("roll.ended").map(({ roll, outcome }) => `${roll} ${outcome}`);
  const provenIds = () => book.of("version.proven").map(({ id }) => id);
  return {
    world,
    book,
    ill,
    stage,
    guard,
    recovery,
    proven,
    stopping,
    quarantined,
    restarts,
    serve,
    die,
    pass,
    ends,
    provenIds,
  };
}
