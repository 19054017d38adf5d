import type { DataMemory, DataRecord } from "../../src/data/data_record.ts";
import { DataWork, type Migrations, type Snapshots } from "../../src/data/data_work.ts";
import type { Fate } from "./fate.ts";
import type { LifeClock } from "./life_clock.ts";
import { HOOK_LIMIT_MS } from "./life_effects.ts";
import type { Machine } from "./machine.ts";
import type { DataSetup } from "./plan.ts";
import type { Random } from "./random.ts";

/** What one life of liveroll changes data by. */
export interface LifeDataParts {
  readonly machine: Machine;
  readonly fate: Fate;
  readonly clock: LifeClock;
  readonly rng: Random;
}

const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** The data as one life of liveroll sees it: it can be killed in the middle of every change. */
export function dataWork({ contract, isSaved }: DataSetup, parts: LifeDataParts): DataWork {
  return new DataWork({
    memory: memory(parts),
    snapshots: isSaved ? snapshots(parts) : null,
    migrations: migrations(contract === "reversible", parts),
    contract,
    writers: null,
    log: SILENT,
  });
}

function memory({ machine: { data, disk }, fate, clock, rng }: LifeDataParts): DataMemory {
  let now = data.record;
  return {
    get now() {
      return now;
    },
    write(record: DataRecord | null) {
      now = record;
      return fate.do("data", async () => {
        await clock.sleep(rng.between(0, 5));
        // A file can be removed from a full disk.
        if (disk.isFull && record !== null) throw new Error("no space left on device");
        data.record = record;
      }, () => {
        if (rng.chance(0.5)) data.record = record;
      });
    },
  };
}

function snapshots({ machine: { data }, fate, clock, rng }: LifeDataParts): Snapshots {
  return {
    foresee: () => Promise.resolve(),
    take: ({ roll }, signal) =>
      fate.do("data", async () => {
        await clock.sleep(rng.between(1, 500), signal);
        data.snapshots.set(`s${roll}`, data.state);
        return `s${roll}`;
      }),
    restore: (name) =>
      fate.do("data", async () => {
        data.onRestore(data.record);
        data.state = { fits: null, isHalf: true };
        await clock.sleep(rng.between(1, 500));
        const state = data.snapshots.get(name);
        if (state === undefined) throw new Error("there is no such snapshot");
        data.state = state;
      }, () => {
        data.state = { fits: null, isHalf: true };
      }),
    prune: () => Promise.resolve(),
  };
}

function migrations(
  isReversible: boolean,
  { machine: { data, weather }, fate, clock, rng }: LifeDataParts,
): Migrations {
  const begin = () => {
    data.state = { fits: null, isHalf: true };
  };
  return {
    forth: ({ to }, signal) =>
      fate.do("data", async () => {
        begin();
        await clock.sleep(
          weather.hooks === "hanging" ? HOOK_LIMIT_MS : rng.between(1, 800),
          signal,
        );
        if (weather.hooks !== "working") throw new Error("the migration ended with code 1");
        data.state = { fits: to, isHalf: false };
      }, begin),
    ...(isReversible && {
      back: ({ from }) =>
        fate.do("data", async () => {
          begin();
          await clock.sleep(rng.between(1, 800));
          data.state = { fits: from, isHalf: false };
        }, begin),
    }),
  };
}
