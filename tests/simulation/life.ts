import { Desk } from "../../src/roll/desk.ts";
import type { Effects } from "../../src/roll/effects.ts";
import type { RollEvent } from "../../src/roll/events.ts";
import type { Order, Setting } from "../../src/roll/orders.ts";
import { Updater } from "../../src/roll/updater.ts";
import { Fate } from "./fate.ts";
import { LifeClock } from "./life_clock.ts";
import { lifeEffects, type LifeSource } from "./life_effects.ts";
import { LifeJournal } from "./life_journal.ts";
import type { Machine } from "./machine.ts";
import type { Doom } from "./plan.ts";
import type { Promises } from "./promises.ts";
import { Random } from "./random.ts";
import { SimTraffic } from "./sim_traffic.ts";

/** Plants a fault between liveroll and the world. */
export type Sabotage = (effects: Effects, life: Life) => Effects;

/** One liveroll, from its start until it ends or is killed. */
export class Life {
  readonly fate: Fate;
  readonly journal: LifeJournal;
  readonly traffic: SimTraffic;
  readonly updater: Updater;
  readonly source: LifeSource;
  /** It has been asked to stop so often. */
  stopsAsked = 0;
  /** Its `run` has come to its end. */
  hasEnded = false;
  /** Orders that were given and are not answered at all. */
  openAnswers = 0;
  /** Numbers of what was accepted, until its end is told. */
  readonly openRequests = new Set<number>();
  readonly #desk: Desk;
  readonly #machine: Machine;
  readonly #promises: Promises;

  constructor(
    readonly number: number,
    machine: Machine,
    promises: Promises,
    doom: Doom | null,
    sabotage: Sabotage = (effects) => effects,
  ) {
    this.#machine = machine;
    this.#promises = promises;
    const { seed, setup, disk, counts } = machine;
    const rng = (purpose: string) => Random.of(seed, `${purpose}${number}`);
    this.fate = new Fate(doom, ({ deed, moment }) => {
      machine.trace.note(`liveroll is killed ${moment} "${deed}"`);
      counts.add("killed at a deed");
      counts.add(`killed ${moment} ${deed}`);
      if (deed === "write" && moment === "during") counts.add("torn writes");
    });
    const clock = new LifeClock(machine.clock, this.fate);
    this.journal = new LifeJournal({
      disk,
      clock,
      fate: this.fate,
      rng: rng("disk"),
      slowWrites: setup.slowWrites,
      onEntry: (entry) => promises.tell("onEntry", entry),
      onRecovered: () => this.updater.chronicle.recovered(),
    });
    this.traffic = new SimTraffic({
      clock,
      fate: this.fate,
      worldNow: () => machine.clock.now(),
      rng: rng("traffic"),
      listener: {
        onSwitch: (process, previous) => promises.tell("onSwitch", process, previous),
        onWithdraw: (process) => promises.tell("onWithdraw", process),
        onCut: (_process, requests) => counts.add("requests cut", requests),
      },
    });
    const effects = lifeEffects({
      machine,
      clock,
      fate: this.fate,
      journal: this.journal,
      traffic: this.traffic,
      rng: rng("world"),
      listener: {
        onStart: (what) => promises.tell("onStart", what),
        onStarted: (process) => promises.tell("onStarted", process),
        onStop: (process) => promises.tell("onStop", process),
        onKill: (process) => promises.tell("onKill", process),
      },
      onEvent: (event) => this.#hear(event),
    });
    this.source = effects.source;
    const sabotaged = sabotage(effects, this);
    this.updater = new Updater(sabotaged, setup.updater);
    this.#desk = new Desk(this.updater, this.traffic);
  }

  /** It lives and has not come to its end. */
  get isOn(): boolean {
    return !this.hasEnded && !this.fate.isDead;
  }

  begin(): void {
    this.updater.run().then(() => {
      this.hasEnded = !this.fate.isDead;
    }, (error) => this.#broken("run", error));
  }

  /** HUP, USR2 or TERM; one that has ended hears nothing. */
  signal(signal: "HUP" | "USR2" | "TERM"): void {
    if (!this.isOn) return;
    this.#machine.trace.note(signal);
    this.#machine.counts.add(signal);
    if (signal === "HUP") this.updater.agenda.requestForcedUpdate();
    else if (signal === "USR2") this.updater.agenda.requestRestart();
    else {
      this.stopsAsked++;
      this.updater.stop();
    }
  }

  /** Asks for something that takes its time. @returns Whether it was accepted. */
  async order(order: Order): Promise<boolean> {
    this.#machine.trace.note("order", order);
    this.openAnswers++;
    try {
      const answer = await this.#desk.order(order);
      this.#machine.trace.note("answer", answer);
      const outcome = answer.accepted ? "accepted" : answer.reason;
      this.#machine.counts.add(`order ${order.kind} ${outcome}`);
      if (answer.accepted) {
        const state = this.updater.requests.get(answer.request);
        if (state?.outcome === null) this.openRequests.add(answer.request);
        this.#promises.tell("onAccepted", order, answer.request);
      }
      return answer.accepted;
    } catch (error) {
      this.#broken(`order ${order.kind}`, error);
      return false;
    } finally {
      this.openAnswers--;
    }
  }

  /** Asks for something that holds from now on. */
  async set(setting: Setting): Promise<void> {
    this.#machine.trace.note("setting", setting);
    this.openAnswers++;
    try {
      await this.#desk.set(setting);
      this.#machine.counts.add(`setting ${setting.kind}`);
      this.#promises.tell("onAcknowledged", setting);
    } catch (error) {
      this.#machine.trace.note(`refused: ${error}`);
      this.#machine.counts.add(`setting ${setting.kind} refused`);
    } finally {
      this.openAnswers--;
    }
  }

  #hear(event: RollEvent): void {
    this.#machine.trace.note(event.type, event);
    this.#machine.counts.add(event.type);
    if (event.type === "request.ended") this.openRequests.delete(event.request);
    this.#promises.tell("onEvent", event);
  }

  #broken(what: string, error: unknown): void {
    this.#promises.violate("nothing is thrown", `${what} threw ${error}`);
    this.hasEnded = true;
  }
}
