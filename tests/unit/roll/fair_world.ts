import { Desk } from "../../../src/roll/desk.ts";
import { Updater } from "../../../src/roll/updater.ts";
import type { UpdaterOptions } from "../../../src/roll/updater_options.ts";
import type { Instance } from "../../../src/roll/instance.ts";
import type { RollEvent } from "../../../src/roll/events.ts";
import { Invariants } from "../../simulation/invariants.ts";
import { Random } from "../../simulation/random.ts";
import { SimClock } from "../../simulation/sim_clock.ts";
import { type Behaviour, GOOD, type SimInstance, World } from "../../simulation/sim_world.ts";
import { assert, assertEquals } from "@std/assert";

type EventOf<T extends RollEvent["type"]> = Extract<RollEvent, { type: T }>;

/** The defaults of the command line. */
export const OPTIONS: UpdaterOptions = {
  keepWarmMs: 0,
  minHealthyMs: 0,
  livenessIntervalMs: 0,
  livenessThreshold: 3,
  cooldownMs: 0,
  notifyOnly: false,
  onDemand: false,
  intervalMs: 10_000,
  maxBackoffMs: 0,
  exclusive: false,
  childPorts: [9101, 9102],
  drainTimeoutMs: 30_000,
  healthTimeoutMs: 60_000,
  healthIntervalMs: 250,
  healthProbeTimeoutMs: 5_000,
  healthSuccesses: 1,
};

/** Always in the middle: no jitter, and nothing fails that a test did not ask to fail. */
class Even extends Random {
  constructor() {
    super(0);
  }

  override next(): number {
    return 0.5;
  }
}

/** A world in which only that goes wrong which the test wants; `deeds` tells what was done to it. */
export class FairWorld extends World {
  /** In order, for example `start v1@9101`, `switch i1`, `drain i1`, `stop i1`. */
  readonly deeds: string[] = [];

  constructor() {
    super(new SimClock(), new Even());
    const { start } = this.runtime;
    this.runtime.start = (version) => {
      this.deeds.push(`start ${version.id}@${version.port}`);
      return start(version);
    };
    const { withdraw } = this.traffic;
    this.traffic.withdraw = (instance) => {
      this.deeds.push(`withdraw ${instance.key}`);
      withdraw(instance);
    };
    this.watch();
  }

  /** Records deeds; those who watched before go on doing so. */
  watch(): void {
    const { onSwitch, onDrain, onStop } = this;
    this.onSwitch = (instance) => {
      this.deeds.push(`switch ${instance.key}`);
      onSwitch(instance);
    };
    this.onDrain = (instance) => {
      this.deeds.push(`drain ${instance.key}`);
      onDrain(instance);
    };
    this.onStop = (instance) => {
      this.deeds.push(`stop ${instance.key}`);
      onStop(instance);
    };
  }

  behave(id: string, behaviour: Partial<Behaviour> = {}): void {
    this.behaviours.set(id, { ...GOOD, ...behaviour });
  }

  /** A process that was just started, as the runtime would start it. */
  async launch(id: string, port: number): Promise<SimInstance> {
    if (!this.behaviours.has(id)) this.behave(id);
    return await this.await(
      this.runtime.start({ key: `i${this.instances.length + 1}`, id, port }),
    ) as SimInstance;
  }

  /** Keys of those that live. */
  get alive(): string[] {
    return this.living().map(({ key }) => key);
  }

  /** Lets time pass until `promise` has settled. */
  async await<T>(promise: Promise<T>, limitMs = 1e9): Promise<T> {
    let settled = false;
    const note = () => {
      settled = true;
    };
    promise.then(note, note);
    await this.clock.settle();
    const until = this.clock.now() + limitMs;
    while (!settled && await this.clock.step(until));
    assert(settled, `nothing came of it within ${limitMs} ms`);
    return await promise;
  }

  of<T extends RollEvent["type"]>(type: T): EventOf<T>[] {
    return this.events.filter((event): event is EventOf<T> => event.type === type);
  }
}

/** An updater at work in a fair world, its promises checked after every single event. */
export class Life {
  readonly world = new FairWorld();
  readonly updater: Updater;
  readonly desk: Desk;
  readonly #invariants: Invariants;
  #ended = false;

  /** `prepare`: what the world is like before liveroll looks at it for the first time. */
  constructor(
    options: Partial<UpdaterOptions> = {},
    prepare: (world: FairWorld) => void = () => {},
  ) {
    const all = { ...OPTIONS, ...options };
    prepare(this.world);
    this.updater = new Updater(this.world, all);
    this.desk = new Desk(this.updater, this.world.traffic);
    this.#invariants = new Invariants(this.world, this.updater, all);
    this.world.onEvent = (event) => this.#invariants.onEvent(event);
    this.world.watch();
  }

  get current(): Instance | null {
    return this.updater.stage.current;
  }

  /** Names the newest version. */
  publish(id: string, behaviour: Partial<Behaviour> = {}): void {
    this.world.behave(id, behaviour);
    this.world.published = id;
  }

  /** Begins, and lets the first version get to the front. */
  async serve(id: string, behaviour: Partial<Behaviour> = {}): Promise<SimInstance> {
    this.publish(id, behaviour);
    this.begin();
    while (this.current === null) await this.pass(10);
    const first = this.current as SimInstance;
    assertEquals(first.id, id);
    if (first.behaviour.livesMs === Infinity) await this.pass(2_000 - this.world.clock.now());
    return first;
  }

  begin(): void {
    this.updater.run().then(() => {
      this.#ended = true;
    }, (error) => this.world.violate(`run() threw ${error}`));
  }

  async pass(ms: number): Promise<void> {
    const until = this.world.clock.now() + ms;
    while (await this.world.clock.step(until)) this.#invariants.check();
    assertEquals(this.world.violations, []);
  }

  /** Asks it to stop. */
  term(): void {
    this.#invariants.stopRequested = true;
    this.updater.stop();
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Stops, and checks that nothing is left. */
  async end(): Promise<void> {
    if (!this.#invariants.stopRequested) this.term();
    await this.pass(120_000);
    assert(this.#ended, "TERM does not end");
    this.#invariants.checkEnd();
    assertEquals(this.world.violations, []);
    assertEquals(this.updater.stage.list().size, 0);
  }

  /** The line for people that was told last. */
  get detail(): string {
    return this.world.of("state").at(-1)?.detail ?? "";
  }
}

/** A signal that never aborts. */
export function never(): AbortSignal {
  return new AbortController().signal;
}
