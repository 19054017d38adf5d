import type { UpdaterOptions } from "../../src/roll/updater_options.ts";
import type { Contract } from "../../src/data/contract.ts";
import { type Conduct, conductOf } from "./conduct.ts";
import { Random } from "./random.ts";
import { fleetEvent, type StormEvent, stormEvent } from "./storm_event.ts";

/** What liveroll does to the world; it can be killed before, during and after each. */
export const DEEDS = [
  "write",
  "find",
  "portHolder",
  "start",
  "probe",
  "impostor",
  "switch",
  "withdraw",
  "drain",
  "stop",
  "latest",
  "hook",
  "turn",
  "data",
  "tell",
  "close",
] as const;

/** One of {@linkcode DEEDS}. */
export type Deed = (typeof DEEDS)[number];

/** When exactly liveroll is killed: at the `nth` deed of its kind. */
export interface Doom {
  readonly deed: Deed;
  readonly nth: number;
  readonly moment: "before" | "during" | "after";
}

/** One life of liveroll in the storm. */
export interface LifePlan {
  /** It ends then, if nothing ends it earlier. */
  readonly lastsMs: number;
  /** `power`: everything on the machine ends with it. */
  readonly end: "kill" | "power" | "term" | "term twice";
  readonly doom: Doom | null;
  /** Until the next life begins. */
  readonly downMs: number;
  /** The database is damaged afterwards, and set aside; only after a power cut. */
  readonly damage: boolean;
  /** From here on instances can live without liveroll, or cannot; it was configured anew. */
  readonly outlivesNow: boolean;
}

/** What is done to data for a new version. */
export interface DataSetup {
  readonly contract: Contract;
  /** A copy is made first. */
  readonly isSaved: boolean;
}

/** What holds for all lives of one seed. */
export interface Setup {
  readonly updater: UpdaterOptions;
  /** Instances can live without liveroll. */
  readonly outlives: boolean;
  /** What cannot, ends with liveroll; else it lingers. */
  readonly orphansDie: boolean;
  /** Updates are allowed in the first `openMs` of every `periodMs`; null: always. */
  readonly window: { readonly periodMs: number; readonly openMs: number } | null;
  readonly hooks: boolean;
  /** Other hosts run the same, and take turns. */
  readonly fleet: boolean;
  /** What is done to data for a new version; null: nothing. */
  readonly data: DataSetup | null;
  /** Share of the writes that take their time. */
  readonly slowWrites: number;
}

/** The weather after the storm. */
export interface CalmPlan {
  /** The registry stays down: what ran has to come back all the same. */
  readonly registryDown: boolean;
  /** Somebody takes back whatever was asked for, and asks for the newest version. */
  readonly cleanUp: boolean;
  /** What serves is killed once, and has to come back. */
  readonly crash: boolean;
  /** The end is asked for twice. */
  readonly impatient: boolean;
}

/** Everything that was decided beforehand; parts of it can be left out to find out what matters. */
export interface Plan {
  readonly seed: number;
  readonly setup: Setup;
  readonly first: Conduct;
  readonly lives: readonly LifePlan[];
  /** How long the last life goes on in the storm. */
  readonly restMs: number;
  readonly storm: readonly StormEvent[];
  readonly calm: CalmPlan;
}

/** The plan that follows from a seed. */
export function planOf(seed: number): Plan {
  const plan = withoutFleet(seed);
  const rng = Random.of(seed, "fleet");
  const hosts = rng.chance(0.25) ? withFleet(plan, rng) : plan;
  const ofData = Random.of(seed, "data");
  return ofData.chance(0.25) ? withData(hosts, ofData) : hosts;
}

/** The same with data that is changed for new versions. */
function withData({ setup, lives, ...plan }: Plan, rng: Random): Plan {
  const contract = rng.pick(["additive", "reversible", "destructive", "destructive"] as const);
  const isDestructive = contract === "destructive";
  const doom = (): Doom => ({
    deed: "data",
    nth: rng.whole(1, 16),
    moment: rng.pick(["before", "during", "after"]),
  });
  return {
    ...plan,
    setup: {
      ...setup,
      data: { contract, isSaved: isDestructive || rng.chance(0.5) },
      updater: { ...setup.updater, exclusive: isDestructive || setup.updater.exclusive },
    },
    lives: lives.map((life) => ({
      ...life,
      // Whoever has lost the journal does not know who writes.
      damage: false,
      ...(rng.chance(0.5) && { doom: doom() }),
    })),
  };
}

/** The same with other hosts; whatever was drawn before stays as it is. */
function withFleet({ setup, lives, storm, ...plan }: Plan, rng: Random): Plan {
  const stormMs = lives.reduce((sum, { lastsMs, downMs }) => sum + lastsMs + downMs, plan.restMs);
  const events = Array.from(
    { length: rng.whole(1, 8) },
    () => fleetEvent(rng, rng.between(0, stormMs)),
  );
  const doom = (): Doom => ({
    deed: "turn",
    nth: rng.whole(1, 20),
    moment: rng.pick(["before", "during", "after"]),
  });
  return {
    ...plan,
    setup: { ...setup, fleet: true },
    lives: lives.map((life) => rng.chance(0.3) ? { ...life, doom: doom() } : life),
    storm: [...storm, ...events].sort((a, b) => a.at - b.at),
  };
}

function withoutFleet(seed: number): Plan {
  const rng = Random.of(seed, "plan");
  const setup = setupOf(rng);
  const lives = Array.from({ length: rng.pick([0, 1, 1, 2, 2, 3]) }, () => lifeOf(rng, setup));
  const restMs = rng.between(0, 60_000);
  const stormMs = lives.reduce((sum, { lastsMs, downMs }) => sum + lastsMs + downMs, restMs);
  const storm = Array.from(
    { length: rng.whole(4, 24) },
    () => stormEvent(rng, rng.between(0, stormMs)),
  ).sort((a, b) => a.at - b.at);
  const calm = {
    registryDown: rng.chance(0.25),
    cleanUp: rng.chance(0.6),
    crash: rng.chance(0.3),
    impatient: rng.chance(0.3),
  };
  return { seed, setup, first: conductOf(rng, rng.chance(0.3)), lives, restMs, storm, calm };
}

function lifeOf(rng: Random, { outlives, orphansDie }: Setup): LifePlan {
  const end = rng.weighted({ kill: 6, power: 2, term: 2, "term twice": 1 });
  const doom = rng.chance(0.75) ? doomOf(rng) : null;
  return {
    lastsMs: rng.between(100, 70_000),
    end,
    doom,
    downMs: rng.chance(0.3) ? rng.between(0, 50) : rng.between(50, 8_000),
    outlivesNow: rng.chance(0.1) ? !outlives : outlives,
    damage: end === "power" && (outlives || orphansDie) && rng.chance(0.2),
  };
}

function doomOf(rng: Random): Doom {
  const deed = rng.weighted<Deed>({
    write: 10,
    find: 1,
    portHolder: 1,
    start: 4,
    probe: 2,
    impostor: 1,
    switch: 4,
    withdraw: 1,
    drain: 2,
    stop: 4,
    latest: 1,
    hook: 1,
    // Only where there is a fleet.
    turn: 0,
    // Only where there is data.
    data: 0,
    tell: 4,
    close: 1,
  });
  const most = { write: 40, tell: 60, probe: 20, find: 2, close: 1 }[deed as string] ?? 3;
  return { deed, nth: rng.whole(1, most), moment: rng.pick(["before", "during", "after"]) };
}

function setupOf(rng: Random): Setup {
  return {
    updater: updaterOptions(rng),
    outlives: rng.chance(0.6),
    orphansDie: rng.chance(0.6),
    window: rng.chance(0.15) ? { periodMs: 40_000, openMs: rng.between(5_000, 30_000) } : null,
    hooks: rng.chance(0.4),
    fleet: false,
    data: null,
    slowWrites: rng.pick([0, 0, 0.1, 0.5]),
  };
}

function updaterOptions(rng: Random): UpdaterOptions {
  return {
    intervalMs: rng.pick([8_000, 15_000, 30_000]),
    maxBackoffMs: 0,
    keepWarmMs: rng.pick([0, 0, 3_000, 15_000]),
    minHealthyMs: rng.pick([0, 0, 2_000, 8_000]),
    livenessIntervalMs: rng.pick([0, 0, 5_000]),
    livenessThreshold: rng.pick([2, 3]),
    cooldownMs: rng.pick([0, 0, 0, 12_000]),
    notifyOnly: rng.chance(0.1),
    onDemand: rng.chance(0.1),
    exclusive: rng.chance(0.2),
    childPorts: rng.pick([[9101, 9102], [9101, 9102], [9101, 9102, 9103]]),
    drainTimeoutMs: rng.pick([1_000, 8_000]),
    healthTimeoutMs: rng.pick([2_000, 5_000]),
    healthIntervalMs: 500,
    healthProbeTimeoutMs: 1_000,
    healthSuccesses: rng.pick([1, 1, 3]),
  };
}
