import { Alarm } from "./alarm.ts";
import { Announcer } from "./announcer.ts";
import { Attempts } from "./attempts.ts";
import type { Course } from "./course.ts";
import type { Found } from "./checker.ts";
import { Checks } from "./checks.ts";
import { Chronicle } from "./chronicle.ts";
import { decide, type Decision, type Situation } from "./decide.ts";
import type { Effects, Instance } from "./effects.ts";
import { Guard } from "./guard.ts";
import { Healing } from "./healing.ts";
import { Preferences } from "./preferences.ts";
import type { PolicyOptions } from "./policy.ts";
import type { ProbationOptions } from "./probation.ts";
import { ProvenVersions } from "./proven_versions.ts";
import { NextUp } from "./next_up.ts";
import { phasesOf, type Plan } from "./plan.ts";
import { type Price, Quarantine } from "./quarantine.ts";
import { Recovery } from "./recovery.ts";
import { refer } from "./refer.ts";
import { Refusals } from "./refusals.ts";
import { Requests } from "./requests.ts";
import type { RollOptions } from "./roll.ts";
import { Rolls } from "./rolls.ts";
import type { Wish } from "./schedule.ts";
import { SkippedError } from "./skipped_error.ts";
import { Stage, type StageOptions } from "./stage.ts";
import { summarize } from "./summary.ts";
import { TurnKeeper } from "./turn_keeper.ts";
import { wakeUp } from "./wake_up.ts";

/** So long the source may think about it, before what ran last is started from memory. */
const BOOT_PATIENCE_MS = 10_000;

/** While nothing serves and the proven version does not start, a refused one waits no longer. */
const DESPERATE_MS = 30_000;

/** When to look for versions, and how to replace them. */
export interface UpdaterOptions extends RollOptions, StageOptions, PolicyOptions, ProbationOptions {
  intervalMs: number;
  /** The longest wait after checks that failed; 0: none is longer than the interval. */
  maxBackoffMs: number;
  /** The source is asked only when somebody wants it, once something is proven. */
  onDemand: boolean;
  /** Time between two probes of what serves; 0: it is not probed. */
  livenessIntervalMs: number;
}

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

  readonly #effects: Effects;
  readonly #options: UpdaterOptions;
  readonly #attempts: Attempts;
  readonly #guard: Guard;
  readonly #nextUp: NextUp;
  readonly #refusals: Refusals;
  readonly #rolls: Rolls;
  readonly #healing: Healing;
  readonly #turns: TurnKeeper;
  readonly #recovery = new Recovery();
  readonly #alarm: Alarm;
  readonly #announcer: Announcer;
  readonly #stop = new AbortController();
  readonly #force = new AbortController();
  readonly #running = new Set<Promise<void>>();

  #restartRequested = false;
  #isAwake = false;
  #isSuspended = false;
  #isLeaving = false;

  constructor(effects: Effects, options: UpdaterOptions) {
    const { observe, journal: { memory }, clock } = effects;
    this.#effects = effects;
    this.#options = options;
    this.chronicle = new Chronicle(effects.journal, observe);
    this.stage = new Stage(effects, this.chronicle, options);
    this.stage.onVacated = () => this.refresh();
    this.requests = new Requests(observe);
    this.preferences = new Preferences(memory.settings, this.chronicle, observe);
    this.proven = new ProvenVersions(memory.proven, this.chronicle, effects.date);
    this.#alarm = new Alarm(clock);
    this.#announcer = new Announcer(observe);
    this.#refusals = new Refusals(this.#tools());
    this.checks = new Checks(
      { ...this.#tools(), policy: options },
      { ...options, provenBefore: this.proven.newest !== null },
      {
        runningId: () => this.runningId,
        onFound: (found) => this.#found(found),
        onNothing: () => this.#nothingFound(),
        stopping: this.#stop.signal,
      },
    );
    const onChanged = () => this.#changed();
    this.#turns = new TurnKeeper({ effects, stage: this.stage, onChanged });
    this.#attempts = new Attempts({ ...this.#tools(), turns: this.#turns }, options, {
      onSwitched: (course, instance, previous) => this.#switched(course, instance, previous),
      onSettled: (course) => this.#guard.settle(course),
      onRefused: (id, detail, isFault) => this.#refuse(id, detail, isFault),
      onBesides: (work) => this.#besides(work),
    });
    this.#nextUp = new NextUp({ clock, attempts: this.#attempts, requests: this.requests });
    const tools = {
      ...this.#tools(),
      attempts: this.#attempts,
      recovery: this.#recovery,
      stopping: this.#stop.signal,
    };
    this.#healing = new Healing({ ...tools, onHopeless: () => this.#despair() });
    this.#rolls = new Rolls({ ...tools, checks: this.checks, nextUp: this.#nextUp });
    this.#guard = new Guard(
      { ...tools, proven: this.proven },
      options,
      {
        quarantine: (id, detail) => void this.#quarantineFor(id, detail, "after_rollback"),
        tellRestart: (restart) => this.#healing.tell(restart),
        besides: (work) => this.#besides(work),
        changed: () => this.#changed(),
        stopping: this.#stop.signal,
      },
    );
  }

  /**
   * Works until {@linkcode Updater.stop} is called and everything it started has ended, or until
   * {@linkcode Updater.leave}.
   */
  async run(): Promise<"stopped" | "left"> {
    await this.#wakeUp();
    for (;;) {
      const decision = decide(this.#situation());
      if (decision.do === "stop") break;
      if (decision.do === "wait") await this.#alarm.wait(decision.until);
      else if (decision.do === "give_way") this.#turns.giveWay();
      else this.#begin(decision);
    }
    if (!this.#isLeaving) await this.#shutDown();
    else await this.#putDown();
    return this.#isLeaving ? "left" : "stopped";
  }

  /** Checks now and replaces what runs even if its id is the same; quarantine does not hold it. */
  requestForcedUpdate(): void {
    const { paused, pinned } = this.preferences.now;
    if (pinned !== null) {
      this.rollTo({ id: pinned, trigger: "forced", force: true, requests: [], roll: null });
    } else if (paused) {
      const detail = "updates are paused; liveroll resume lets them go on";
      this.#effects.observe({ type: "check.declined", trigger: "forced", detail });
    } else this.check({ trigger: "forced", force: true, requests: [] });
  }

  /** Replaces what runs by a fresh instance of the same version, without asking the source. */
  requestRestart(): void {
    this.#restartRequested = true;
    this.#alarm.ring();
  }

  /** Asks the source as soon as nothing else is under way. */
  check(wish: Wish): void {
    this.checks.wish(wish);
    this.#alarm.ring();
  }

  /** Rolls to a version as soon as nothing else is under way. */
  rollTo(target: Found): void {
    this.#nextUp.put(target);
    this.#changed();
  }

  /** What was found by itself is forgotten; the next check finds it again. */
  forgetFound(reason: string, isConcerned: (target: Found) => boolean = () => true): void {
    const { target } = this.#nextUp;
    if (target !== null && isConcerned(target)) this.#nextUp.giveUp(reason);
    // What waits for other hosts begins again, and finds what stands in its way now.
    this.#turns.giveWay();
    this.checks.forgetWaiting();
    this.#changed();
  }

  /** Somebody does not want `id`: it is not rolled to, and if that has begun, it ends. */
  skip(id: string): void {
    const { message } = new SkippedError(id);
    if (this.#nextUp.target?.id === id) this.#nextUp.skip(message);
    this.#rolls.skip(id);
    this.forgetFound(message, () => false);
  }

  /** Ends {@linkcode Updater.run}: drains, then stops everything. The second call does not wait. */
  stop(): void {
    // Somebody else decides what becomes of what runs.
    if (this.#isLeaving) return;
    if (this.#stop.signal.aborted) {
      this.#force.abort();
      this.stage.kill();
      return;
    }
    this.#stop.abort(new DOMException("liveroll is stopping", "AbortError"));
    this.#changed();
  }

  /** Whether this is a good time to {@linkcode Updater.leave}; who is kept warm is asked to go. */
  mayLeave(): boolean {
    return !this.isBusy && this.#isSteady();
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
    this.#isLeaving = true;
    this.#guard.leave();
    this.#stop.abort(new DOMException("another liveroll goes on", "AbortError"));
    this.#alarm.ring();
  }

  /** What a former life has left has been looked through. */
  get isAwake(): boolean {
    return this.#isAwake;
  }

  /** Whether it is on its way out. */
  get isStopping(): boolean {
    return this.#stop.signal.aborted;
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

  /** A roll or check that somebody asked for is under way or about to begin. */
  get isBusy(): boolean {
    // One that waits for a port, for its turn or for its time is in nobody's way.
    const isDue = (this.#nextUp.at ?? Infinity) <= this.#effects.clock.now();
    const isUnderWay = this.#rolls.isUnderWay && !this.#waitsForTurn;
    return isUnderWay || isDue || this.checks.isWished;
  }

  /** Whether the version ever served, was named by the source, or runs. */
  knows(id: string): boolean {
    return this.proven.has(id) || this.checks.hasSeen(id) || id === this.runningId;
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

  /** A person wants `id` after all. */
  release(id: string): void {
    this.preferences.want(id);
    this.#refusals.release(id);
  }

  // Private

  #tools() {
    const { chronicle, stage, requests, quarantine, preferences } = this;
    return { effects: this.#effects, chronicle, stage, requests, quarantine, preferences };
  }

  get #waitsForTurn(): boolean {
    return this.#turns.awaited !== null;
  }

  async #wakeUp(): Promise<void> {
    await wakeUp(
      {
        ...this.#tools(),
        proven: this.proven,
        refusals: this.#refusals,
        attempts: this.#attempts,
        guard: this.#guard,
        recovery: this.#recovery,
      },
      {
        ...this.#options,
        patienceMs: this.checks.decideTheStart ? BOOT_PATIENCE_MS : 0,
        onAdopted: ({ instance }) => {
          instance.exited.then(() => this.#exited(instance));
          this.refresh();
        },
      },
      this.#stop.signal,
    );
    this.#isAwake = true;
    this.#resumePin();
    if (this.stage.current !== null) this.refresh();
  }

  /** What was pinned, and had no time to prove itself, gets its turn beside what is known to be good. */
  #resumePin(): void {
    const { pinned } = this.preferences.now;
    if (pinned === null || pinned === this.runningId) return;
    const wasStarted = !this.#effects.data?.isOneWay;
    if (wasStarted && this.proven.has(pinned)) return;
    this.#nextUp.put({ id: pinned, trigger: "pin", force: false, requests: [], roll: null });
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
      waitsForTurn: this.#waitsForTurn,
      checking: this.checks.isUnderWay,
      foundAt: this.#nextUp.at,
      checkWished: this.checks.isWished,
      checksByItself: this.checks.happenByThemselves,
      restartRequested: this.#restartRequested,
      nextCheckAt: this.checks.dueAt,
    };
  }

  /** Starts what was decided. Flags change before anything is awaited: nothing is begun twice. */
  #begin(decision: Exclude<Decision, { do: "stop" | "wait" | "give_way" }>): void {
    this.#besides({
      heal: () => this.#healing.run(),
      roll: () => this.#rolls.run(this.#nextUp.take()),
      restart: () => this.#rolls.run(this.#takeRestart()),
      check: () => this.checks.run(),
    }[decision.do]());
    this.refresh();
  }

  #besides(work: Promise<void>): void {
    this.#running.add(work);
    work.finally(() => {
      this.#running.delete(work);
      this.#changed();
    });
  }

  #takeRestart(): Found {
    this.#restartRequested = false;
    const id = this.#recovery.provenId!;
    return { id, trigger: "restart", force: true, requests: [], roll: null };
  }

  #found(found: Found): void {
    if (found.force) this.release(found.id);
    this.#nextUp.put(found);
  }

  #nothingFound(): void {
    if (this.checks.last?.result.outcome === "unchanged") this.#refusals.forgetLatest();
    // No newer version will come in the place of the one that should run.
    if (this.stage.current === null && this.#recovery.provenId !== null) {
      if (this.#recovery.crash === null) this.#recovery.wanted(this.#effects.clock.now());
    }
  }

  /** A candidate has become current. Runs in the same step as the switch itself. */
  #switched(course: Course, instance: Instance, previous: Instance | null): void {
    const from = this.#recovery.provenId;
    if (!this.#healing.brings(course.target)) {
      this.#recovery.supersede();
      this.#rolls.arrived();
      // The running version started again says nothing about a newer one that was refused.
      if (course.target.trigger !== "restart") this.#refusals.forgetLatest();
    }
    if (course.target.trigger === "rollback" && from !== null && from !== instance.id) {
      // Or the next check would bring back what somebody has just got rid of.
      this.preferences.skipAnyway(from, `${from}: rolled back to ${instance.id}`);
      if (this.preferences.now.pinned === from) {
        // Or the next start would.
        this.preferences.changeAnyway("pinned", { pinned: instance.id }, instance.id);
      }
    }
    this.#refusals.absolve(instance.id);
    this.#recovery.serves(instance.id, this.#effects.clock.now());
    instance.exited.then(() => this.#exited(instance));
    const ref = refer(instance);
    this.#effects.observe({ type: "roll.switched", roll: course.number, instance: ref, from });
    this.#guard.arrived(course, instance, previous);
    this.refresh();
  }

  /** Puts a version that failed in quarantine; the proven one is healed instead, not locked away. */
  #refuse(id: string, detail: string, isFault: boolean): number | null {
    if (isFault && this.#givesUp(id)) return this.#quarantineFor(id, detail, "after_rollback");
    if (id === this.#recovery.provenId) return null;
    if (!isFault) return this.#quarantineFor(id, detail, "not_to_blame");
    // With the exclusive strategy each new try stops the proven version once more.
    const isDearlyTried = this.#options.exclusive && this.#recovery.provenId !== null;
    const canWait = this.stage.current !== null || isDearlyTried;
    return this.#quarantineFor(id, detail, canWait ? "while_serving" : "while_down");
  }

  /** Whether what was to come back is given up for the one before: it had no time to prove itself. */
  #givesUp(id: string): boolean {
    const { newest } = this.proven;
    if (id !== this.#recovery.provenId || this.stage.current !== null) return false;
    if (newest === null || newest === id) return false;
    this.#recovery.revert(newest);
    return true;
  }

  /** @returns Milliseconds until it may be tried again. */
  #quarantineFor(id: string, detail: string, price: Price): number {
    const retryInMs = this.#refusals.add(id, detail, price);
    this.checks.retryIn(retryInMs);
    this.refresh();
    return retryInMs;
  }

  /** What is known to be good cannot be started again: whatever there is may be tried. */
  #despair(): void {
    if (this.stage.current !== null) return;
    this.quarantine.ease(this.#effects.clock.now(), DESPERATE_MS);
    this.checks.retryIn(DESPERATE_MS);
  }

  /** The end of an instance that was promoted. Most often it is a planned one, of no interest. */
  #exited(instance: Instance): void {
    if (this.stage.current !== instance || this.#force.signal.aborted) return;
    const lastLines = instance.lastLines();
    const exit = instance.exit!;
    this.#effects.observe({
      type: "instance.exited",
      instance: refer(instance),
      exit,
      lastLines,
    });
    this.stage.bury(instance);
    if (!this.isStopping) this.#guard.exited(instance);
    this.#changed();
  }

  #changed(): void {
    this.refresh();
    this.#alarm.ring();
  }

  /** Derives the state; whoever changes what it is derived from calls this. */
  refresh(): void {
    const serving = this.stage.current;
    const isUnwanted = serving !== null && serving.id !== this.runningId;
    const check = this.checks.last?.result;
    this.#announcer.announce(summarize({
      stopping: this.isStopping && !this.#isLeaving,
      serving: serving === null ? null : refer(serving),
      rollingTo: this.#rolls.to,
      awaited: this.#turns.awaited,
      refused: this.#refusals.latest,
      checkProblem: check?.outcome === "failed" ? check.detail : null,
      crash: this.#recovery.crash,
      sick: this.#guard.isSick && !isUnwanted,
      wanted: isUnwanted ? this.runningId : null,
      onProbation: this.#guard.onProbation,
      waiting: this.checks.waiting,
      settings: this.preferences.now,
      journalProblem: this.chronicle.problem,
    }));
  }

  #isSteady(): boolean {
    if (!this.#isAwake || this.isStopping) return false;
    return !this.stage.hurry() && !this.#rolls.isUnderWay && !this.#recovery.isUnderWay;
  }

  /** What was asked for is lost with this life, and told so. */
  async #putDown(): Promise<void> {
    this.#nextUp.giveUp("another liveroll goes on");
    await Promise.allSettled(this.#running);
    await this.#effects.source.idle();
    await this.preferences.idle();
    this.requests.endAll("interrupted", "another liveroll goes on");
  }

  async #shutDown(): Promise<void> {
    this.#nextUp.giveUp("liveroll is stopping");
    this.#guard.stop();
    await this.#effects.traffic.close(this.#options.drainTimeoutMs, this.#force.signal);
    await this.stage.clear();
    await Promise.allSettled(this.#running);
    await this.stage.clear();
    await this.#effects.source.idle();
    await this.preferences.idle();
    this.requests.endAll("interrupted", "liveroll has stopped");
    // The last words may still be on their way to a slow disk.
    await this.chronicle.settled();
    this.#announcer.announce({ state: "stopped", detail: "stopped" });
  }
}
