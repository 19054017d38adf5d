import { Agenda } from "./agenda.ts";
import { Alarm } from "./alarm.ts";
import { Announcer } from "./announcer.ts";
import { Attempts } from "./attempts.ts";
import type { Course } from "./course.ts";
import type { Found } from "./checker.ts";
import { Checks } from "./checks.ts";
import { Chronicle } from "./chronicle.ts";
import { decide, type Decision, type Situation } from "./decide.ts";
import type { Effects } from "./effects.ts";
import { Ending } from "./ending.ts";
import { Errands } from "./errands.ts";
import { factsOf, type FactsTools } from "./facts.ts";
import { Guard } from "./guard.ts";
import { Healing } from "./healing.ts";
import { Preferences } from "./preferences.ts";
import { Penalties } from "./penalties.ts";
import { ProvenVersions } from "./proven_versions.ts";
import { NextUp } from "./next_up.ts";
import { phasesOf, type Plan } from "./plan.ts";
import { Quarantine } from "./quarantine.ts";
import type { Survivor } from "./reconcile.ts";
import { Recovery } from "./recovery.ts";
import { Refusals } from "./refusals.ts";
import { Requests } from "./requests.ts";
import { Rolls } from "./rolls.ts";
import { putDown, shutDown, type ShutDownTools } from "./shut_down.ts";
import { Stage } from "./stage.ts";
import { Succession } from "./succession.ts";
import { summarize } from "./summary.ts";
import { TurnKeeper } from "./turn_keeper.ts";
import type { UpdaterOptions } from "./updater_options.ts";
import { wakeUp, type WakeUpTools } from "./wake_up.ts";
import { Waking } from "./waking.ts";

/** So long the source may think about it, before what ran last is started from memory. */
const BOOT_PATIENCE_MS = 10_000;

/**
 * Decides when something is checked, rolled, restarted or healed. One loop owns all state; what
 * takes time runs beside it (one check, one roll, one healing at most) and wakes it when done.
 */
export class Updater {
  /** Who is on the stage; for status and for tests. */
  readonly stage: Stage;
  readonly preferences: Preferences;
  readonly requests: Requests;
  readonly proven: ProvenVersions;
  readonly quarantine = new Quarantine();
  readonly chronicle: Chronicle;
  readonly checks: Checks;
  readonly agenda: Agenda;

  readonly #effects: Effects;
  readonly #options: UpdaterOptions;
  readonly #attempts: Attempts;
  readonly #guard: Guard;
  readonly #penalties: Penalties;
  readonly #rolls: Rolls;
  readonly #healing: Healing;
  readonly #turns: TurnKeeper;
  readonly #succession: Succession;
  readonly #recovery = new Recovery();
  readonly #alarm: Alarm;
  readonly #announcer: Announcer;
  readonly #ending = new Ending();
  readonly #waking = new Waking(() => this.refresh());
  readonly #errands = new Errands(() => this.#changed());
  /** Who begins a life, ends one, and knows what is so. */
  readonly #everybody: WakeUpTools & ShutDownTools & FactsTools;

  #isSuspended = false;

  constructor(effects: Effects, options: UpdaterOptions) {
    const { observe, journal: { memory }, clock } = effects;
    this.#effects = effects;
    this.#options = options;
    this.chronicle = new Chronicle(effects.journal, observe);
    this.stage = new Stage(effects, this.chronicle, options);
    this.stage.onVacated = () => this.refresh();
    this.stage.remains.onChange = () => this.refresh();
    this.requests = new Requests(observe);
    this.preferences = new Preferences(memory.settings, this.chronicle, observe);
    this.proven = new ProvenVersions(memory.proven, this.chronicle, effects.date);
    this.#alarm = new Alarm(clock);
    this.#announcer = new Announcer(observe);
    const refusals = new Refusals(this.#basics());
    this.checks = new Checks(
      { ...this.#basics(), policy: options },
      { ...options, provenBefore: this.proven.newest !== null },
      {
        runningId: () => this.runningId,
        onFound: (found) => this.agenda.found(found),
        onNothing: () => this.agenda.nothingFound(),
        stopping: this.#ending.stopping,
      },
    );
    this.#turns = new TurnKeeper({ ...this.#basics(), onChanged: () => this.#changed() });
    this.#attempts = new Attempts({ ...this.#basics(), turns: this.#turns }, options, {
      onSwitched: (course, instance, before) => this.#succession.switched(course, instance, before),
      onSettled: (course) => this.#guard.settle(course),
      onRefused: (target, detail, isFault) => this.#penalties.failed(target, detail, isFault),
      onBesides: (work) => this.#errands.add(work),
    });
    const nextUp = new NextUp({ clock, attempts: this.#attempts, requests: this.requests });
    const tools = {
      ...this.#basics(),
      proven: this.proven,
      refusals,
      checks: this.checks,
      turns: this.#turns,
      attempts: this.#attempts,
      nextUp,
      recovery: this.#recovery,
      ending: this.#ending,
      stopping: this.#ending.stopping,
      onChanged: () => this.#changed(),
      onWished: () => this.#alarm.ring(),
    };
    this.#penalties = new Penalties({ ...tools, onRefused: () => this.refresh() });
    this.#healing = new Healing({ ...tools, onHopeless: () => this.#penalties.despair() });
    this.#rolls = new Rolls(tools);
    this.#guard = new Guard(tools, options, {
      quarantine: (id, detail) => this.#penalties.servedBadly(id, detail),
      tellRestart: (restart) => this.#healing.tell(restart),
      besides: (work) => this.#errands.add(work),
      changed: () => this.#changed(),
      stopping: this.#ending.stopping,
    });
    const actors = { ...tools, healing: this.#healing, rolls: this.#rolls, guard: this.#guard };
    this.agenda = new Agenda(actors);
    this.#succession = new Succession({
      ...actors,
      onSucceeded: () => this.refresh(),
      onEnded: () => this.#changed(),
    });
    const [errands, announcer, waking] = [this.#errands, this.#announcer, this.#waking];
    this.#everybody = { ...actors, errands, announcer, waking };
  }

  /**
   * Works until {@linkcode Updater.stop} is called and everything it started has ended, or until
   * {@linkcode Updater.leave}.
   */
  async run(): Promise<"stopped" | "left"> {
    await this.#wakeUp().catch((error) => {
      // What was not looked at is left as it is, for the next start.
      if (!this.isStopping) throw error;
    });
    for (;;) {
      const decision = decide(this.#situation());
      if (decision.do === "stop") break;
      if (decision.do === "wait") await this.#alarm.wait(decision.until);
      else if (decision.do === "give_way") this.#turns.giveWay();
      else this.#begin(decision);
    }
    const { isLeft, forced } = this.#ending;
    if (isLeft) await putDown(this.#everybody);
    else await shutDown(this.#everybody, this.#options.drainTimeoutMs, forced);
    return isLeft ? "left" : "stopped";
  }

  /** Ends {@linkcode Updater.run}: drains, then stops everything. The second call does not wait. */
  stop(): void {
    const effect = this.#ending.stop();
    if (effect === "begun") this.#changed();
    else if (effect === "forced") this.stage.kill();
  }

  /** Whether this is a good time to {@linkcode Updater.leave}; who is kept warm is asked to go. */
  mayLeave(): boolean {
    return !this.agenda.isBusy && this.#isSteady();
  }

  /** While suspended, nothing is begun but what serving itself needs. */
  suspend(isSuspended: boolean): void {
    this.#isSuspended = isSuspended;
    this.#alarm.ring();
  }

  /**
   * Ends {@linkcode Updater.run}, and leaves everything as it is: whoever wakes up next with this
   * journal goes on from there.
   *
   * @throws {Error} When something is under way that has to come to its end first.
   */
  leave(): void {
    if (!this.#isSteady()) throw new Error("something is under way that has to end first");
    this.#guard.leave();
    this.stage.leave();
    this.#ending.leave();
    this.#alarm.ring();
  }

  /** What a former life has left has been looked through. */
  get isAwake(): boolean {
    return this.#waking.isOver;
  }

  /** Whether it is on its way out. */
  get isStopping(): boolean {
    return this.#ending.hasBegun;
  }

  /** The version that serves, or served last. */
  get runningId(): string | null {
    return this.#recovery.provenId;
  }

  /** The roll that has not switched or failed yet. */
  get rollUnderWay(): Course | null {
    return this.#attempts.underWay;
  }

  /** The version on its way to the front, from before its files are fetched; null: none is. */
  get rollingTo(): string | null {
    return this.#rolls.to;
  }

  /** Whether the version has served, was named by the source, or runs, as far as is remembered. */
  knows(id: string): boolean {
    if (this.proven.has(id) || this.checks.hasSeen(id) || id === this.runningId) return true;
    return this.#effects.journal.hasServed(id);
  }

  /** What a roll to `target` would be like now; null: there would be none. */
  outlook(target: Found | null): Pick<Plan, "strategy" | "phases" | "ports"> {
    const { exclusive, childPorts } = this.#options;
    return {
      strategy: exclusive ? "recreate" : "blue-green",
      phases: target === null ? [] : phasesOf(target, this.runningId, this.#effects, this.#options),
      ports: [...childPorts],
    };
  }

  /** Derives the state; whoever changes what it is derived from calls this. */
  refresh(): void {
    this.#announcer.announce(summarize(factsOf(this.#everybody)));
  }

  /** What needs nobody else. */
  #basics() {
    const { chronicle, stage, requests, quarantine, preferences } = this;
    return { effects: this.#effects, chronicle, stage, requests, quarantine, preferences };
  }

  async #wakeUp(): Promise<void> {
    const options = {
      ...this.#options,
      patienceMs: this.checks.decideTheStart ? BOOT_PATIENCE_MS : 0,
      onAdopted: ({ instance }: Survivor) => this.#succession.adopted(instance),
    };
    await wakeUp(this.#everybody, options, this.#ending.stopping);
    this.agenda.resumePin();
    if (this.stage.current !== null) this.refresh();
  }

  #situation(): Situation {
    return {
      now: this.#effects.clock.now(),
      stopping: this.isStopping,
      suspended: this.#isSuspended,
      exclusive: this.#options.exclusive,
      serving: this.stage.current !== null,
      sick: this.#guard.isSick,
      provenBefore: this.#recovery.provenId !== null,
      healAt: this.#recovery.dueAt,
      healing: this.#recovery.isUnderWay,
      rolling: this.#rolls.isUnderWay,
      waitsForTurn: this.#turns.awaited !== null,
      checking: this.checks.isUnderWay,
      foundAt: this.agenda.foundAt,
      checkWished: this.checks.isWished,
      checksByItself: this.checks.happenByThemselves,
      restartRequested: this.agenda.wantsRestart,
      nextCheckAt: this.checks.dueAt,
    };
  }

  /** Starts what was decided. Flags change before anything is awaited: nothing is begun twice. */
  #begin(decision: Exclude<Decision, { do: "stop" | "wait" | "give_way" }>): void {
    this.#errands.add({
      heal: () => this.#healing.run(),
      roll: () => this.#rolls.run(this.agenda.takeFound()),
      restart: () => this.#rolls.run(this.agenda.takeRestart()),
      check: () => this.checks.run(),
    }[decision.do]());
    this.refresh();
  }

  #changed(): void {
    this.refresh();
    this.#alarm.ring();
  }

  #isSteady(): boolean {
    if (!this.isAwake || this.isStopping) return false;
    return !this.stage.hurry() && !this.#rolls.isUnderWay && !this.#recovery.isUnderWay;
  }
}
