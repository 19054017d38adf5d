import {
  type Effects,
  type Hooks,
  type ProbeResult,
  type Runtime,
  type Source,
  SourceError,
  type Windows,
} from "../../src/roll/effects.ts";
import type { Instance } from "../../src/roll/instance.ts";
import type { RollEvent } from "../../src/roll/events.ts";
import { Fleet } from "../../src/fleet/fleet.ts";
import type { Fate } from "./fate.ts";
import type { DataWork } from "../../src/data/data_work.ts";
import { dataWork } from "./life_data.ts";
import type { LifeClock } from "./life_clock.ts";
import type { LifeJournal } from "./life_journal.ts";
import { LifeStore } from "./life_store.ts";
import type { Machine } from "./machine.ts";
import type { DataSetup } from "./plan.ts";
import { Random } from "./random.ts";
import { LEASE_MS } from "./sim_fleet.ts";
import { EXIT_NEWS_MS, SimInstance } from "./sim_instance.ts";
import type { SimProcess } from "./sim_process.ts";
import type { SimTraffic } from "./sim_traffic.ts";

/** A pull that hangs is given up after this time. */
const PULL_LIMIT_MS = 20_000;

/** A hook that hangs is ended after this time. */
export const HOOK_LIMIT_MS = 4_000;

/** What is told of the processes of one life; each before it is done. */
export interface DeedListener {
  onStart(what: { key: string; id: string; port: number; token: string }): void;
  onStarted(process: SimProcess): void;
  onStop(process: SimProcess): void;
  onKill(process: SimProcess): void;
}

/** What the effects of one life are made of. */
export interface LifeParts {
  machine: Machine;
  fate: Fate;
  clock: LifeClock;
  journal: LifeJournal;
  traffic: SimTraffic;
  rng: Random;
  listener: DeedListener;
  /** Told of every event, as long as it lives. */
  onEvent(event: RollEvent): void;
}

/** The machine as one life of liveroll sees it. */
export function lifeEffects(parts: LifeParts): Effects & { source: LifeSource } {
  const { machine, fate, clock, journal, traffic, rng, onEvent } = parts;
  return {
    clock,
    date: () => machine.date(),
    random: () => rng.next(),
    newToken: () => machine.newToken(),
    journal,
    traffic,
    hooks: hooks(parts),
    windows: windows(machine),
    source: new LifeSource(parts),
    ...(machine.setup.fleet && { turns: turns(parts) }),
    ...(machine.setup.data !== null && { data: data(machine.setup.data, parts) }),
    runtime: runtime(parts),
    probe: (instance, signal) =>
      fate.do("probe", () => answer(instance as SimInstance, signal, parts)),
    observe: (event) => fate.at("tell", () => onEvent(event)),
  };
}

/** Asks the registry. */
export class LifeSource implements Source {
  readonly #parts: LifeParts;
  #pending = 0;

  constructor(parts: LifeParts) {
    this.#parts = parts;
  }

  /** Something that it started still runs. */
  get isBusy(): boolean {
    return this.#pending > 0;
  }

  latest(signal: AbortSignal): Promise<string> {
    return this.#parts.fate.do("latest", () => this.#ask(signal));
  }

  idle(): Promise<void> {
    return Promise.resolve();
  }

  async #ask(signal: AbortSignal): Promise<string> {
    const { machine: { registry }, clock, rng } = this.#parts;
    this.#pending++;
    try {
      const hangs = registry.state === "hanging";
      await clock.sleep(hangs ? PULL_LIMIT_MS : rng.between(1, 300), signal);
      if (hangs) throw new SourceError("pull", "it took too long");
      if (registry.state !== "up") throw new SourceError("pull", "the registry is down");
      return registry.newest;
    } finally {
      this.#pending--;
    }
  }
}

function runtime({ machine, fate, clock, journal, rng, listener }: LifeParts): Runtime {
  const { processes, registry, outlives } = machine;
  const embody = (process: SimProcess, isAdopted: boolean): Instance =>
    new SimInstance(process, isAdopted, {
      fate,
      clock,
      newsMs: rng.chance(0.5) ? 0 : rng.between(0, EXIT_NEWS_MS),
      isStrangerOn: (port) => processes.strangers.has(port),
      onStop: (one) => listener.onStop(one),
      onKill: (one) => listener.onKill(one),
    });
  const spawn = (what: { key: string; id: string; port: number; token: string }): SimProcess => {
    listener.onStart(what);
    snipe(machine, what.port);
    const conduct = registry.conductOf(what.id);
    if (conduct.unstartable) throw new Error(`Cannot start ${what.id}: no such program`);
    const isKnown = machine.disk.ledger.instances.get(what.key)?.token === what.token;
    const process = processes.start(
      { ...what, outlives, isKnown: isKnown && journal.isClean },
      conduct,
    );
    listener.onStarted(process);
    return process;
  };
  return {
    outlives,
    start: (what) =>
      fate.do("start", async () => {
        await clock.sleep(rng.between(0, 5));
        return embody(spawn(what), false);
      }, () => {
        if (!registry.conductOf(what.id).unstartable) spawn(what);
      }),
    find: (record) =>
      fate.do("find", async () => {
        await clock.sleep(rng.between(0, 3));
        const process = processes.find(record);
        return process === null ? null : embody(process, true);
      }),
    portHolder: (port) =>
      fate.do("portHolder", async () => {
        await clock.sleep(rng.between(0, 2));
        const holder = processes.holderOf(port);
        return holder === null || holder === "a stranger" ? holder : `pid ${holder.pid}`;
      }),
  };
}

/** Somebody else takes the port after it was looked at, and before it is used. */
function snipe({ weather, processes, clock, trace, counts }: Machine, port: number): void {
  const { sniperMs } = weather;
  if (sniperMs === null || processes.holderOf(port) !== null) return;
  trace.note(`a stranger takes ${port} right now`);
  counts.add("sniped ports");
  weather.sniperMs = null;
  processes.strangers.add(port);
  clock.after(sniperMs, () => processes.strangers.delete(port));
}

async function answer(
  { process }: SimInstance,
  signal: AbortSignal,
  { machine, clock, rng }: LifeParts,
): Promise<ProbeResult> {
  const flaps = machine.weather.isCalm ? 0 : process.conduct.flaps;
  try {
    await clock.sleep(rng.chance(flaps * 0.3) ? 1e9 : rng.between(0, 30), signal);
  } catch {
    return { healthy: false, detail: "given up" };
  }
  // A stranger on the same port answers too: the gate must not be fooled by it.
  const isFooled = machine.processes.strangers.has(process.port);
  const isWell = !isFooled && process.isWell && !rng.chance(flaps);
  if (isWell) process.proofs++;
  if (isWell || isFooled) return { healthy: true };
  return { healthy: false, detail: "connection refused" };
}

function hooks({ machine, fate, clock, rng }: LifeParts): Hooks {
  return {
    has: () => machine.setup.hooks,
    run: (_hook, _context, signal) =>
      fate.do("hook", async () => {
        const { hooks } = machine.weather;
        const durationMs = hooks === "hanging" ? HOOK_LIMIT_MS : rng.between(1, 200);
        await clock.sleep(durationMs, signal);
        const end = { lastLines: [], durationMs };
        if (hooks === "hanging") return { ...end, outcome: "timed_out", code: null } as const;
        return hooks === "failing"
          ? { ...end, outcome: "failed", code: 1 } as const
          : { ...end, outcome: "succeeded", code: 0 } as const;
      }),
  };
}

function data(setup: DataSetup, { machine, clock, fate }: LifeParts): DataWork {
  // As with turns: nothing else is drawn in another way for it.
  const rng = Random.of(machine.seed, `data${machine.clock.now()}`);
  return dataWork(setup, { machine, clock, fate, rng });
}

function turns({ machine, clock, fate }: LifeParts): Fleet {
  // Whatever is drawn for it leaves everything else as it is without it.
  const rng = Random.of(machine.seed, `fleet${machine.clock.now()}`);
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  return new Fleet({
    ...{ name: "shop", maxUnavailable: 1, leaseMs: LEASE_MS, host: "here", clock, log },
    date: () => machine.date(),
    store: new LifeStore(machine.fleet, { fate, clock, rng }),
  });
}

function windows({ setup: { window } }: Machine): Windows {
  return {
    openAt: (at) => {
      if (window === null) return at;
      const phase = at % window.periodMs;
      return phase < window.openMs ? at : at + window.periodMs - phase;
    },
  };
}
