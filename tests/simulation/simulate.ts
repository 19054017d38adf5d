import { calmDown, calmMs, cleanUp, leavingMs } from "./calm.ts";
import { Life, type Sabotage } from "./life.ts";
import { Machine } from "./machine.ts";
import { type LifePlan, type Plan, planOf } from "./plan.ts";
import { Promises, type Violation, type VowType } from "./promises.ts";
import { Random } from "./random.ts";
import { STOP_LIMIT_MS } from "./sim_instance.ts";
import { Storm } from "./storm.ts";
import type { Trace } from "./trace.ts";
import { VOWS } from "./vows/all.ts";

/** What the lives of one seed came to; `violations` is empty when every promise was kept. */
export interface Report {
  readonly plan: Plan;
  readonly violations: readonly Violation[];
  readonly trace: Trace;
  /** What was exercised, to see that the simulation does not sleep. */
  readonly counts: Record<string, number>;
}

/** What may be different from the real thing, to see that it is noticed. */
export interface SimulateOptions {
  sabotage?: Sabotage;
  vows?: readonly VowType[];
}

/** Lives the lives of one seed: a storm, calm weather, and the end. All of it follows the plan. */
export async function simulate(seed: number | Plan, options?: SimulateOptions): Promise<Report> {
  const plan = typeof seed === "number" ? planOf(seed) : seed;
  return await new Simulation(plan, options ?? {}).run();
}

class Simulation {
  readonly #plan: Plan;
  readonly #options: SimulateOptions;
  readonly #machine: Machine;
  readonly #promises: Promises;
  readonly #rng: Random;
  #lives = 0;

  constructor(plan: Plan, options: SimulateOptions) {
    this.#plan = plan;
    this.#options = options;
    this.#machine = new Machine(plan.seed, plan.setup);
    this.#promises = new Promises(plan, this.#machine, options.vows ?? VOWS);
    this.#rng = Random.of(plan.seed, "weather");
  }

  async run(): Promise<Report> {
    const plan = this.#plan;
    const machine = this.#machine;
    machine.trace.note("setup", plan.setup);
    machine.trace.note(`published ${machine.registry.publish(plan.first)}`, plan.first);
    new Storm(machine, this.#promises).schedule(plan.storm);
    for (const lifePlan of plan.lives) {
      if (!this.#isBroken) await this.#live(lifePlan);
    }
    if (!this.#isBroken) await this.#lastLife();
    const { violations } = this.#promises;
    return { plan, violations, trace: machine.trace, counts: machine.counts.toRecord() };
  }

  get #isBroken(): boolean {
    return this.#promises.violations.length > 0;
  }

  async #live({ lastsMs, end, downMs, doom, damage, outlivesNow }: LifePlan): Promise<void> {
    this.#machine.outlives = outlivesNow;
    const life = this.#begin(doom);
    await this.#pass(lastsMs, () => !life.isOn);
    if (end === "term" || end === "term twice") await this.#stop(life, end === "term twice");
    if (life.hasEnded) this.#over(life, "ended");
    else this.#kill(life, end === "power", damage);
    await this.#pass(downMs);
  }

  async #lastLife(): Promise<void> {
    const { lives, restMs, calm, setup } = this.#plan;
    const machine = this.#machine;
    const stormMs = lives.reduce((sum, { lastsMs, downMs }) => sum + lastsMs + downMs, restMs);
    const life = this.#begin(null);
    await this.#pass(stormMs - machine.clock.now());
    calmDown(machine, calm);
    if (calm.cleanUp) cleanUp(life, machine);
    const quietMs = calmMs(setup, life.updater.quarantine.list(), machine.clock.now());
    if (calm.crash) machine.clock.after(quietMs / 3, () => this.#crash(life));
    await this.#pass(quietMs);
    // What came out of quarantine at the very end has brought somebody who has to leave.
    if (machine.processes.present().length > 1) await this.#pass(leavingMs(setup));
    if (this.#isBroken) return;
    this.#promises.tell("onConverged");
    await this.#stop(life, calm.impatient);
    if (this.#isBroken) return;
    this.#over(life, "ended");
    this.#promises.tell("onEnd");
  }

  #begin(doom: LifePlan["doom"]): Life {
    const machine = this.#machine;
    const number = ++this.#lives;
    machine.trace.note(`liveroll starts (${number})`, doom);
    machine.counts.add("lives");
    machine.lifeBegan = machine.clock.now();
    const life = new Life(number, machine, this.#promises, doom, this.#options.sabotage);
    this.#promises.life = life;
    machine.traffic = life.traffic;
    this.#promises.tell("onLifeBegins");
    life.begin();
    return life;
  }

  /** Asks it to stop, and waits until it has. */
  async #stop(life: Life, isImpatient: boolean): Promise<void> {
    if (!life.isOn) return;
    life.signal("TERM");
    if (isImpatient) {
      this.#machine.clock.after(this.#rng.between(0, 2_000), () => life.signal("TERM"));
    }
    const { drainTimeoutMs } = this.#plan.setup.updater;
    await this.#pass(2 * drainTimeoutMs + 2 * STOP_LIMIT_MS + 5_000, () => !life.isOn);
    if (life.isOn && !this.#isBroken) this.#promises.violate("TERM ends everything", "it does not");
  }

  #kill(life: Life, isPowerCut: boolean, damage: boolean): void {
    const { processes, trace, counts, disk, setup } = this.#machine;
    trace.note(isPowerCut ? "power cut" : "kill -9 of liveroll");
    counts.add(isPowerCut ? "power cuts" : "kills of liveroll");
    life.fate.end();
    this.#over(life, "killed");
    const exit = { code: 137, signal: "SIGKILL" };
    for (const process of processes.living()) {
      process.flights = [];
      if (!process.outlives && setup.orphansDie) process.end(exit, "orphaned");
      else if (process.lives) counts.add("left by a killed liveroll");
    }
    if (!isPowerCut) return;
    processes.powerCut();
    if (!damage) return;
    trace.note("the database is damaged");
    counts.add("damaged databases");
    disk.damage();
  }

  #over(life: Life, how: "killed" | "ended"): void {
    if (this.#isBroken) return;
    if (how === "ended") this.#machine.trace.note("liveroll has ended");
    this.#promises.tell("onLifeEnds", how);
    life.fate.end();
    this.#promises.life = null;
    this.#machine.traffic = null;
  }

  #crash({ traffic, updater }: Life): void {
    const { target } = traffic;
    // Who has not proven itself yet would have to go, and stay away.
    if (target === null || updater.proven.newest !== target.id) return;
    this.#machine.trace.note(`kill -9 ${target.key}`);
    this.#machine.counts.add("crashes in calm weather");
    target.end({ code: 137, signal: "SIGKILL" }, "crash");
  }

  /** Lets time pass until it is up, until `isOver`, or until a promise is broken. */
  async #pass(ms: number, isOver: () => boolean = () => false): Promise<void> {
    const { clock } = this.#machine;
    const until = clock.now() + Math.max(0, ms);
    await clock.settle();
    while (!this.#isBroken && !isOver() && await clock.advance(until)) {
      this.#promises.tell("onStep");
    }
  }
}
