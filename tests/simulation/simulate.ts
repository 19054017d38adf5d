import { delay } from "@std/async/delay";
import { Updater, type UpdaterOptions } from "../../src/roll/updater.ts";
import { Invariants } from "./invariants.ts";
import { Random } from "./random.ts";
import { SimClock } from "./sim_clock.ts";
import { type Behaviour, GOOD, LIMITS, World } from "./sim_world.ts";

/** What one seeded life came to; `violations` is empty when every promise was kept. */
export interface Report {
  seed: number;
  violations: readonly string[];
  /** One line per thing that happened. */
  trace: readonly string[];
  /** What was exercised, to see that the simulation does not sleep. */
  counts: Record<string, number>;
}

const STORM_MS = 20 * 60_000;
const CALM_MS = 25 * 60_000;

/** Lives one life: twenty minutes of trouble, calm weather, and the end. All of it follows `seed`. */
export async function simulate(seed: number): Promise<Report> {
  // A life is one long chain of microtasks, and what was weakly referenced in one is kept until its
  // end: without a turn of the event loop in between, many lives would fill the memory.
  await delay(0);
  const rng = new Random(seed);
  const clock = new SimClock();
  const world = new World(clock, rng);
  const options: UpdaterOptions = {
    intervalMs: 10_000,
    keepWarmMs: 0,
    minHealthyMs: 0,
    livenessIntervalMs: 0,
    livenessThreshold: 3,
    cooldownMs: 0,
    notifyOnly: false,
    onDemand: false,
    exclusive: rng.chance(0.25),
    childPorts: [9101, 9102],
    drainTimeoutMs: 30_000,
    healthTimeoutMs: 60_000,
    healthIntervalMs: 250,
    healthProbeTimeoutMs: 5_000,
    healthSuccesses: rng.pick([1, 1, 3]),
  };
  const updater = new Updater(world, options);
  const trace: string[] = [];
  const note = (line: string) => trace.push(`${(clock.now() / 1000).toFixed(3)}s ${line}`);
  const invariants = new Invariants(world, updater, options);
  world.onEvent = (event) => {
    note(JSON.stringify(event));
    invariants.onEvent(event);
  };
  publish(world, rng, note);
  let ended = false;
  const run = updater.run().then(() => {
    ended = true;
  }, (error) => {
    ended = true;
    world.violate(`run() threw ${error}`);
  });

  world.trouble = rng.between(0.2, 1);
  scheduleStorm(world, updater, rng, note);
  const earlyStop = rng.chance(0.4);
  const stormEnds = earlyStop ? rng.between(0, STORM_MS) : STORM_MS;
  await live(clock, invariants, stormEnds, () => world.violations.length > 0);

  if (!earlyStop) {
    calm(world, note);
    const ends = clock.now() + CALM_MS;
    await live(clock, invariants, ends, () => world.violations.length > 0);
    invariants.checkConverged();
  }

  note("TERM");
  invariants.stopRequested = true;
  updater.stop();
  const impatient = rng.chance(0.3);
  if (impatient) {
    clock.after(rng.between(0, 5_000), () => {
      note("second TERM");
      updater.stop();
    });
  }
  const limit = clock.now() + options.drainTimeoutMs * 2 + LIMITS.stop + 5_000;
  await live(clock, invariants, limit, () => ended);
  if (!ended) world.violate("TERM does not end");
  else {
    await run;
    invariants.checkEnd();
  }
  return { seed, violations: world.violations, trace, counts: count(world) };
}

async function live(
  clock: SimClock,
  invariants: Invariants,
  until: number,
  done: () => boolean,
): Promise<void> {
  while (!done() && await clock.step(until)) invariants.check();
}

/** Names a new version; some are bad. */
function publish(world: World, rng: Random, note: (line: string) => void, good = false): void {
  const id = `v${world.behaviours.size + 1}`;
  const behaviour: Behaviour = {
    ...GOOD,
    healthyAfterMs: rng.between(5, rng.chance(0.2) ? 50_000 : 500),
    stopsInMs: rng.between(0, 1_000),
  };
  if (!good) spoil(behaviour, rng);
  world.behaviours.set(id, behaviour);
  world.published = id;
  note(`published ${id} ${JSON.stringify(behaviour)}`);
}

function spoil(behaviour: Behaviour, rng: Random): void {
  const dice = rng.next();
  if (dice < 0.12) behaviour.livesMs = rng.between(0, 300);
  else if (dice < 0.22) behaviour.livesMs = rng.between(1_000, 200_000);
  else if (dice < 0.32) behaviour.healthyAfterMs = Infinity;
  else if (dice < 0.42) behaviour.flaps = rng.between(0.1, 0.9);
  else if (dice < 0.52) behaviour.stopsInMs = Infinity;
  else if (dice < 0.57) behaviour.unstartable = true;
}

function scheduleStorm(
  world: World,
  updater: Updater,
  rng: Random,
  note: (line: string) => void,
): void {
  const happen = () => {
    if (world.trouble === 0) return;
    world.clock.after(rng.next() ** 3 * 60_000, happen);
    const dice = rng.next();
    if (dice < 0.35) publish(world, rng, note);
    else if (dice < 0.5) {
      note("HUP");
      updater.requestForcedUpdate();
    } else if (dice < 0.55) {
      note("USR2");
      updater.requestRestart();
    } else if (dice < 0.85) {
      const victim = world.living()[Math.floor(rng.next() * 2)];
      if (victim === undefined) return;
      note(`kill -9 ${victim.key}`);
      victim.end({ code: 137, signal: "SIGKILL" });
    } else {
      const port = rng.pick([9101, 9102]);
      const holder = world.living().find((instance) => instance.port === port);
      if (holder !== undefined && holder.isListening) return;
      note(`a stranger takes ${port}`);
      world.strangers.add(port);
      world.clock.after(rng.between(0, 60_000), () => world.strangers.delete(port));
    }
  };
  world.clock.after(rng.between(0, 20_000), happen);
}

/**
 * From here on the world is kind. Either the newest version is a good one, or no version is bad any
 * more but the registry stays down: what ran has to come back all the same.
 */
function calm(world: World, note: (line: string) => void): void {
  world.trouble = 0;
  world.strangers.clear();
  world.registryDown = world.rng.chance(0.3);
  note(world.registryDown ? "calm, but the registry is down" : "calm");
  if (!world.registryDown) return publish(world, world.rng, note, true);
  for (const id of world.behaviours.keys()) {
    world.behaviours.set(id, { ...GOOD, healthyAfterMs: world.rng.between(5, 500) });
  }
}

function count(world: World): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { type } of world.events) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}
