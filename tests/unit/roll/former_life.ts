import type { InstanceRecord, Memory, RollRecord } from "../../../src/roll/journal.ts";
import type { UpdaterOptions } from "../../../src/roll/updater_options.ts";
import { SimInstance } from "../../simulation/sim_world.ts";
import { Book } from "./book.ts";
import { type FairWorld, Life } from "./fair_world.ts";

/** A roll that was under way when the former life ended. */
export function unfinished(roll: number, to: string, from: string | null = "v1"): RollRecord {
  const open = { outcome: null, detail: "", durationMs: null, lastLines: [], phases: [] };
  return { roll, at: 0, trigger: "interval", from, to, ...open };
}

/** An instance of roll `roll` that is written down as running. */
export function instance(roll: number, id: string, stage: InstanceRecord["stage"]): InstanceRecord {
  return {
    key: `i${roll}`,
    roll,
    id,
    port: 9100 + roll,
    token: `token${roll}`,
    outlives: true,
    stage,
    pid: 1000 + roll,
    birth: null,
    startedAt: 1,
  };
}

/** A life after another one, of which `memory` is left; `alive`: instances that still run. */
export function bornWith(
  memory: Partial<Memory>,
  { options = {}, alive = [], ids = [] }: {
    options?: Partial<UpdaterOptions>;
    alive?: readonly string[];
    ids?: readonly string[];
  } = {},
) {
  const book = new Book(memory);
  const life = new Life(options, (world) => {
    world.journal = book;
    for (const id of ["v1", "v2", "v3", ...ids]) world.behave(id);
    leave(world, book.memory.instances, alive);
  });
  return { life, book, world: life.world };
}

function leave(
  world: FairWorld,
  records: readonly InstanceRecord[],
  alive: readonly string[],
): void {
  world.runtime.outlives = true;
  const found = new Map<string, SimInstance>();
  for (const { key, id, port, pid } of records) {
    if (!alive.includes(key)) continue;
    const behaviour = { ...world.behaviours.get(id)!, healthyAfterMs: 0 };
    const one = new SimInstance(world, key, id, port, pid ?? 0, behaviour);
    world.instances.push(one);
    found.set(key, one);
  }
  const find = ({ key }: InstanceRecord) => Promise.resolve(found.get(key) ?? null);
  world.runtime.find = find;
}

/** Rolls that were begun, for example `2 crash v1`. */
export const starts = (world: FairWorld) =>
  world.of("roll.started").map(({ roll, trigger, to }) => `${roll} ${trigger} ${to}`);
