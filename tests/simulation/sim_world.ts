import type { Effects, Hooks, ProbeResult, Runtime } from "../../src/roll/effects.ts";
import type { Exit, Instance, StopOutcome } from "../../src/roll/instance.ts";
import { SourceError } from "../../src/roll/effects.ts";
import type { Turns } from "../../src/roll/turns.ts";
import type { RollEvent } from "../../src/roll/events.ts";
import { ForgetfulJournal, type Journal } from "../../src/roll/journal.ts";
import type { Random } from "./random.ts";
import type { SimClock } from "./sim_clock.ts";

/** How a version behaves once it is started. */
export interface Behaviour {
  /** Milliseconds until it answers probes; Infinity: never. */
  healthyAfterMs: number;
  /** Milliseconds until it ends by itself; Infinity: never. */
  livesMs: number;
  /** Share of probes that fail although it is well. */
  flaps: number;
  /** Milliseconds from the request to stop to the end; Infinity: it has to be killed. */
  stopsInMs: number;
  /** Cannot be started at all. */
  unstartable: boolean;
}

/** A version without a flaw. */
export const GOOD: Behaviour = {
  healthyAfterMs: 100,
  livesMs: Infinity,
  flaps: 0,
  stopsInMs: 100,
  unstartable: false,
};

/** Limits of the simulated runtime and source, in milliseconds. */
export const LIMITS = { stop: 10_000, pull: 600_000 };

/** Told of every roll, and of no interest in lists of what happened. */
const FINE_PRINT: readonly RollEvent["type"][] = ["roll.phase", "roll.phase_ended"];

/** One simulated process. */
export class SimInstance implements Instance {
  exit: Exit | null = null;
  readonly host = "127.0.0.1";
  readonly birth = null;
  readonly startedAt: number;
  /** A healthy answer came from this very process. */
  provenByProbe = false;
  stopRequestedAt: number | null = null;
  /** Why neither its end nor a bad answer is its own fault. */
  excuse: string | null = null;
  readonly #ended = Promise.withResolvers<Exit>();
  #stopping: Promise<StopOutcome> | null = null;

  constructor(
    readonly world: World,
    readonly key: string,
    readonly id: string,
    readonly port: number,
    readonly pid: number,
    readonly behaviour: Behaviour,
  ) {
    this.startedAt = world.clock.now();
    world.clock.after(behaviour.livesMs === Infinity ? 1e12 : behaviour.livesMs, () => {
      this.end({ code: 1, signal: null });
    });
  }

  get exited(): Promise<Exit> {
    return this.#ended.promise;
  }

  /** From then on nobody else can take its port. */
  get isListening(): boolean {
    return this.world.clock.now() - this.startedAt >= this.behaviour.healthyAfterMs;
  }

  lastLines(): readonly string[] {
    return [`${this.id} says goodbye`];
  }

  end(exit: Exit): void {
    if (this.exit !== null) return;
    this.exit = exit;
    this.#ended.resolve(exit);
  }

  impostor(): Promise<string | null> {
    return Promise.resolve(this.world.strangers.has(this.port) ? "a stranger" : null);
  }

  stop(): Promise<StopOutcome> {
    return this.#stopping ??= this.#stop();
  }

  kill(): void {
    this.end({ code: 137, signal: "SIGKILL" });
  }

  async #stop(): Promise<StopOutcome> {
    this.stopRequestedAt = this.world.clock.now();
    this.world.onStop(this);
    if (this.exit !== null) return "already_gone";
    const { stopsInMs } = this.behaviour;
    this.world.clock.after(Math.min(stopsInMs, LIMITS.stop), () => {
      this.end(
        stopsInMs < LIMITS.stop
          ? { code: 143, signal: "SIGTERM" }
          : { code: 137, signal: "SIGKILL" },
      );
    });
    const exit = await this.exited;
    return exit.signal === "SIGKILL" ? "killed" : "stopped";
  }
}

/** The simulated machine: processes, ports, a source and a proxy. */
export class World implements Effects {
  readonly instances: SimInstance[] = [];
  readonly events: RollEvent[] = [];
  /** Where requests go. */
  target: SimInstance | null = null;
  /** The version that the source names. */
  published = "v1";
  readonly behaviours = new Map<string, Behaviour>();
  /** Ports held by somebody who is not ours. */
  readonly strangers = new Set<number>();
  /** Share of things that go wrong; 0 for fair weather. */
  trouble = 0;
  closed = false;
  /** Complains, with the time and what is wrong. */
  readonly violations: string[] = [];
  #pending = 0;
  registryDown = false;
  /** Who served before the newest switch. */
  displaced: SimInstance | null = null;
  readonly served = new Set<SimInstance>();
  readonly drained = new Set<SimInstance>();
  onDrain: (instance: SimInstance) => void = () => {};
  onSwitch: (instance: SimInstance) => void = () => {};
  onStop: (instance: SimInstance) => void = () => {};
  onEvent: (event: RollEvent) => void = () => {};

  constructor(readonly clock: SimClock, readonly rng: Random) {}

  random(): number {
    return this.rng.next();
  }

  /** The wall clock runs as the simulated one does. */
  date = (): number => this.clock.now();

  journal: Journal = new ForgetfulJournal();

  hooks: Hooks = {
    has: () => false,
    run: () => Promise.reject(new Error("there are no hooks")),
  };

  windows = { openAt: (at: number): number => at };

  /** Other hosts; only where a test wants them. */
  declare turns?: Turns;

  #tokens = 0;

  newToken(): string {
    return `token${++this.#tokens}`;
  }

  observe = (event: RollEvent): void => {
    if (!FINE_PRINT.includes(event.type)) this.events.push(event);
    this.onEvent(event);
  };

  violate(what: string): void {
    this.violations.push(`at ${Math.round(this.clock.now())} ms: ${what}`);
  }

  living(): SimInstance[] {
    return this.instances.filter((instance) => instance.exit === null);
  }

  source = {
    latest: async (signal: AbortSignal): Promise<string> => {
      this.#pending++;
      try {
        const hangs = this.rng.chance(this.trouble * 0.1);
        const takesMs = hangs ? LIMITS.pull : this.rng.between(1, 1 + this.trouble * 20_000);
        await this.clock.sleep(takesMs, signal);
        if (hangs || this.registryDown || this.rng.chance(this.trouble * 0.3)) {
          throw new SourceError("pull", hangs ? "it took too long" : "the registry is down");
        }
        return this.published;
      } finally {
        this.#pending--;
      }
    },
    idle: () => {
      if (this.#pending > 0) this.violate("a pull is still running at the end");
      return Promise.resolve();
    },
  };

  runtime = {
    outlives: false,
    find: (() => Promise.resolve(null)) as Runtime["find"],
    start: async ({ key, id, port }: { key: string; id: string; port: number }): Promise<
      Instance
    > => {
      await this.clock.sleep(this.rng.between(0, 5));
      const behaviour = this.behaviours.get(id)!;
      if (behaviour.unstartable) throw new Error(`Cannot start ${id}: no such program`);
      const number = this.instances.length + 1;
      const bindFails = this.strangers.has(port);
      const instance = new SimInstance(this, key, id, port, 1000 + number, {
        ...behaviour,
        ...(bindFails ? { healthyAfterMs: Infinity, livesMs: 20 } : {}),
      });
      this.instances.push(instance);
      return instance;
    },
    portHolder: async (port: number): Promise<string | null> => {
      await this.clock.sleep(this.rng.between(0, 2));
      return this.strangers.has(port) ? "a stranger" : null;
    },
  };

  probe = async (instance: Instance, signal: AbortSignal): Promise<ProbeResult> => {
    const process = instance as SimInstance;
    const { healthyAfterMs, flaps } = process.behaviour;
    const hangs = this.rng.chance(flaps * 0.3);
    try {
      await this.clock.sleep(hangs ? 1e9 : this.rng.between(0, 30), signal);
    } catch {
      return { healthy: false, detail: "given up" };
    }
    // A stranger on the same port answers too: the gate must not be fooled by it.
    const fooled = this.strangers.has(process.port);
    const up = !fooled && process.exit === null &&
      this.clock.now() - process.startedAt >= healthyAfterMs;
    if ((up && !this.rng.chance(flaps)) || fooled) {
      process.provenByProbe ||= up;
      return { healthy: true };
    }
    return { healthy: false, detail: "connection refused" };
  };

  traffic = {
    switchTo: (instance: Instance): void => {
      this.displaced = this.target;
      this.target = instance as SimInstance;
      this.served.add(this.target);
      this.onSwitch(this.target);
    },
    hold: (): void => {},
    maintenance: (): void => {},
    withdraw: (instance: Instance): void => {
      if (this.target === instance) this.target = null;
    },
    drain: async (instance: Instance, timeoutMs: number, signal: AbortSignal) => {
      this.onDrain(instance as SimInstance);
      const takesMs = this.rng.chance(0.7) ? this.rng.between(0, 500) : timeoutMs;
      const cut = await this.clock.sleep(Math.min(takesMs, timeoutMs), signal).then(
        () => 0,
        () => 1,
      );
      this.drained.add(instance as SimInstance);
      return { finished: 1, cut };
    },
    close: async (timeoutMs: number, signal: AbortSignal) => {
      await this.clock.sleep(this.rng.between(0, timeoutMs), signal).catch(() => {});
      this.closed = true;
      this.target = null;
      return { finished: 0, cut: 0 };
    },
  };
}
