import { Alarm } from "./alarm.ts";
import { Announcer } from "./announcer.ts";
import { Attempts, type Course } from "./attempts.ts";
import { Checker, type CheckResult, type Found } from "./checker.ts";
import { Chronicle } from "./chronicle.ts";
import { decide, type Decision, type Situation } from "./decide.ts";
import type { Effects, Instance } from "./effects.ts";
import { Guard } from "./guard.ts";
import { Preferences } from "./preferences.ts";
import type { PolicyOptions, Wait } from "./policy.ts";
import type { ProbationOptions } from "./probation.ts";
import { ProvenVersions } from "./proven_versions.ts";
import { NextUp } from "./next_up.ts";
import { type Price, Quarantine } from "./quarantine.ts";
import { Recovery } from "./recovery.ts";
import { refer } from "./refer.ts";
import { Refusals } from "./refusals.ts";
import { Requests } from "./requests.ts";
import type { Restart } from "./restart_policy.ts";
import type { RollOptions } from "./roll.ts";
import { Schedule, type Wish } from "./schedule.ts";
import { Stage, type StageOptions } from "./stage.ts";
import { summarize } from "./summary.ts";
import { wakeUp } from "./wake_up.ts";

/** A roll that found no free port is tried again after this time: no version is to blame. */
const RETRY_MS = 5_000;

/** So long the source may think about it, before what ran last is started from memory. */
const BOOT_PATIENCE_MS = 10_000;

/** When to look for versions, and how to replace them. */
export interface UpdaterOptions extends RollOptions, StageOptions, PolicyOptions, ProbationOptions {
  intervalMs: number;
  /** The source is asked only when somebody wants it, once something is proven. */
  onDemand: boolean;
  /** Time between two probes of what serves; 0: it is not probed. */
  livenessIntervalMs: number;
}

/** What the last check came to, and when; milliseconds since 1970. */
export interface LastCheck {
  readonly at: number;
  readonly result: CheckResult;
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

  readonly #effects: Effects;
  readonly #options: UpdaterOptions;
  readonly #checker: Checker;
  readonly #attempts: Attempts;
  readonly #guard: Guard;
  readonly #nextUp: NextUp;
  readonly #refusals: Refusals;
  readonly #recovery = new Recovery();
  readonly #alarm: Alarm;
  readonly #schedule: Schedule;
  readonly #announcer: Announcer;
  readonly #stop = new AbortController();
  readonly #force = new AbortController();
  readonly #running = new Set<Promise<void>>();

  #checking = false;
  #waiting: { id: string; wait: Wait } | null = null;
  #rolling = false;
  /** The version on its way to the front; null again from the switch on. */
  #rollingTo: string | null = null;
  /** What a healing is bringing back. */
  #healing: Found | null = null;
  #restartRequested = false;
  #lastCheck: LastCheck | null = null;

  constructor(effects: Effects, options: UpdaterOptions) {
    const { observe, journal: { memory }, clock } = effects;
    this.#effects = effects;
    this.#options = options;
    this.chronicle = new Chronicle(effects.journal, observe);
    this.stage = new Stage(effects, this.chronicle, options);
    this.requests = new Requests(observe);
    this.preferences = new Preferences(memory.settings, this.chronicle, observe);
    this.proven = new ProvenVersions(memory.proven, this.chronicle, effects.date);
    this.#alarm = new Alarm(clock);
    this.#announcer = new Announcer(observe);
    this.#refusals = new Refusals(this.#tools());
    this.#checker = new Checker({ ...this.#tools(), policy: options });
    this.#attempts = new Attempts(this.#tools(), options, {
      onSwitched: (course, instance, previous) => this.#switched(course, instance, previous),
      onSettled: (course) => this.#guard.settle(course),
      onRefused: (id, detail) => this.#refuse(id, detail),
      onBesides: (work) => this.#besides(work),
    });
    this.#nextUp = new NextUp({ clock, attempts: this.#attempts, requests: this.requests });
    this.#guard = new Guard(
      { ...this.#tools(), attempts: this.#attempts, recovery: this.#recovery, proven: this.proven },
      options,
      {
        quarantine: (id, detail) => void this.#quarantineFor(id, detail, "after_rollback"),
        rollTo: (target) => this.#nextUp.put(target),
        tellRestart: (restart) => this.#tellRestart(restart),
        besides: (work) => this.#besides(work),
        changed: () => this.#changed(),
        stopping: this.#stop.signal,
      },
    );
    const isAsked = options.onDemand && this.proven.newest !== null;
    this.#schedule = new Schedule(
      options.onDemand ? Infinity : options.intervalMs,
      isAsked ? Infinity : clock.now(),
      () => effects.random(),
    );
  }

  /** Works until {@linkcode Updater.stop} is called and everything it started has ended. */
  async run(): Promise<void> {
    await this.#wakeUp();
    for (;;) {
      const decision = decide(this.#situation());
      if (decision.do === "stop") break;
      if (decision.do === "wait") await this.#alarm.wait(decision.until);
      else this.#begin(decision);
    }
    await this.#shutDown();
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
    this.#schedule.wish(wish);
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
    this.#waiting = null;
    this.#schedule.retryAt(this.#effects.clock.now());
    this.#changed();
  }

  /** Ends {@linkcode Updater.run}: drains, then stops everything. The second call does not wait. */
  stop(): void {
    if (this.#stop.signal.aborted) {
      this.#force.abort();
      this.stage.kill();
      return;
    }
    this.#stop.abort(new DOMException("liveroll is stopping", "AbortError"));
    this.#changed();
  }

  /** Whether it is on its way out. */
  get isStopping(): boolean {
    return this.#stop.signal.aborted;
  }

  /** The version that serves, or served last. */
  get runningId(): string | null {
    return this.#recovery.provenId;
  }

  /** What the source named last. */
  get lastCheck(): LastCheck | null {
    return this.#lastCheck;
  }

  /** When the source is asked next by itself, in milliseconds from now; null: only on demand. */
  get nextCheckInMs(): number | null {
    const { dueAt } = this.#schedule;
    if (dueAt === Infinity || !this.#checksByItself()) return null;
    return Math.max(0, dueAt - this.#effects.clock.now());
  }

  /** What has to wait, and why. */
  get waiting(): { id: string; wait: Wait } | null {
    return this.#waiting;
  }

  /** The roll that has not switched or failed yet. */
  get rollUnderWay(): Course | null {
    return this.#attempts.underWay;
  }

  /** A roll or check that somebody asked for is under way or about to begin. */
  get isBusy(): boolean {
    return this.#rolling || this.#nextUp.target !== null || this.#schedule.isWished;
  }

  /** Whether the version ever served, was named by the source, or runs. */
  knows(id: string): boolean {
    return this.proven.has(id) || this.#checker.hasSeen(id) || id === this.runningId;
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

  async #wakeUp(): Promise<void> {
    const asks = this.#checksByItself() && !this.#options.onDemand;
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
        patienceMs: asks ? BOOT_PATIENCE_MS : 0,
        onAdopted: ({ instance }) => void instance.exited.then(() => this.#exited(instance)),
      },
      this.#stop.signal,
    );
    if (this.stage.current !== null) this.refresh();
  }

  #situation(): Situation {
    return {
      now: this.#effects.clock.now(),
      stopping: this.isStopping,
      exclusive: this.#options.exclusive,
      serving: this.stage.current !== null,
      sick: this.#guard.isSick,
      provenBefore: this.#recovery.provenId !== null,
      healAt: this.#recovery.dueAt,
      healing: this.#recovery.isUnderWay,
      rolling: this.#rolling,
      checking: this.#checking,
      foundAt: this.#nextUp.at,
      checkWished: this.#schedule.isWished,
      checksByItself: this.#checksByItself(),
      restartRequested: this.#restartRequested,
      nextCheckAt: this.#schedule.dueAt,
    };
  }

  /** A check may change what is on the disk: nothing that is pinned or paused should see that. */
  #checksByItself(): boolean {
    const { paused, pinned } = this.preferences.now;
    return !paused && pinned === null;
  }

  /** Starts what was decided. Flags change before anything is awaited: nothing is begun twice. */
  #begin(decision: Exclude<Decision, { do: "stop" | "wait" }>): void {
    this.#besides({
      heal: () => this.#heal(),
      roll: () => this.#roll(this.#nextUp.take()),
      restart: () => this.#roll(this.#takeRestart()),
      check: () => this.#check(),
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
    return this.#proven("restart");
  }

  #proven(trigger: Found["trigger"]): Found {
    return { id: this.#recovery.provenId!, trigger, force: true, requests: [], roll: null };
  }

  async #check(): Promise<void> {
    this.#checking = true;
    const wish = this.#schedule.begin();
    try {
      const runningId = () => this.#recovery.provenId;
      this.#heed(await this.#checker.check(wish, runningId, this.#stop.signal), wish);
    } catch {
      // Only the stop signal ends a check this way.
      for (const request of wish.requests) {
        this.requests.end(request, "interrupted", "liveroll is stopping");
      }
    } finally {
      this.#checking = false;
      const isContent = this.#recovery.provenId !== null || this.#nextUp.target !== null;
      this.#schedule.end(this.#effects.clock.now(), isContent);
    }
  }

  #heed(result: CheckResult, { requests }: Wish): void {
    const { clock, date } = this.#effects;
    this.#lastCheck = { at: date(), result };
    this.#waiting = result.outcome === "waits" ? result : null;
    const endAll = (outcome: "failed" | "unchanged" | "refused", detail: string) => {
      for (const request of requests) this.requests.end(request, outcome, detail);
    };
    switch (result.outcome) {
      case "found":
        if (result.found.force) this.release(result.found.id);
        return this.#nextUp.put(result.found);
      case "waits": {
        const { waitMs, detail } = result.wait;
        if (waitMs !== null) this.#schedule.retryAt(clock.now() + waitMs);
        endAll("refused", `${result.id} has to wait: ${detail}`);
        break;
      }
      case "unchanged":
        this.#refusals.forgetLatest();
        endAll("unchanged", `${result.id} is the newest version`);
        break;
      case "failed":
        endAll("failed", result.detail);
    }
    // No newer version will come in the place of the one that should run.
    if (this.stage.current === null && this.#recovery.provenId !== null) {
      if (this.#recovery.crash === null) this.#recovery.wanted(clock.now());
    }
  }

  async #roll(target: Found): Promise<void> {
    if (this.#isOutdated(target)) return;
    this.#rolling = true;
    this.#rollingTo = target.id;
    try {
      const attempt = await this.#attempts.run(
        target,
        this.#recovery.provenId,
        this.#stop.signal,
      );
      if (attempt.outcome === "postponed") this.#postpone({ ...target, roll: attempt.roll });
    } finally {
      this.#rolling = false;
      this.#rollingTo = null;
    }
    // With the exclusive strategy nothing serves after a refusal: the proven version comes back.
    if (this.stage.current === null) this.#recovery.wanted(this.#effects.clock.now());
  }

  #postpone(target: Found): void {
    // A version that was found meanwhile is newer than this one.
    if (this.#nextUp.target === null && !this.isStopping) {
      return this.#nextUp.put(target, RETRY_MS);
    }
    this.#attempts.interrupt(target.roll!, target, "it could not begin");
  }

  /** While it waited for its roll, a version may have been tried in another one, or be unwanted. */
  #isOutdated({ id, trigger, force, requests, roll }: Found): boolean {
    if (force || roll !== null) return false;
    const wish = { trigger, force, requests };
    if (id !== this.runningId && this.#checker.obstacle(id, wish, this.runningId) === null) {
      return false;
    }
    const outcome = id === this.runningId ? "unchanged" : "refused";
    for (const request of requests) {
      this.requests.end(request, outcome, `${id} was tried in another roll`);
    }
    return true;
  }

  /** Starts what has crashed again; the source is not asked, so it may be down. */
  async #heal(): Promise<void> {
    const target = this.#proven(this.#recovery.trigger);
    const superseded = this.#recovery.begin();
    this.#healing = target;
    const signal = AbortSignal.any([this.#stop.signal, superseded]);
    let isHealed = false;
    try {
      const attempt = await this.#attempts.run(target, this.runningId, signal);
      isHealed = attempt.outcome === "switched";
      if (attempt.outcome === "postponed") {
        this.#attempts.interrupt(attempt.roll, target, "there was no port for it");
      }
    } finally {
      this.#healing = null;
      this.#recovery.end();
      if (!isHealed && !signal.aborted) {
        this.#tellRestart(this.#recovery.failed(this.#effects.clock.now()));
      }
    }
  }

  /** A candidate has become current. Runs in the same step as the switch itself. */
  #switched(course: Course, instance: Instance, previous: Instance | null): void {
    const from = this.#recovery.provenId;
    if (course.target !== this.#healing) {
      this.#recovery.supersede();
      this.#rollingTo = null;
      // The running version started again says nothing about a newer one that was refused.
      if (course.target.trigger !== "restart") this.#refusals.forgetLatest();
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
  #refuse(id: string, detail: string): number | null {
    if (id === this.#recovery.provenId) return null;
    // With the exclusive strategy each new try stops the proven version once more.
    const isDearlyTried = this.#options.exclusive && this.#recovery.provenId !== null;
    const canWait = this.stage.current !== null || isDearlyTried;
    return this.#quarantineFor(id, detail, canWait ? "while_serving" : "while_down");
  }

  /** @returns Milliseconds until it may be tried again. */
  #quarantineFor(id: string, detail: string, price: Price): number {
    const retryInMs = this.#refusals.add(id, detail, price);
    this.#schedule.retryAt(this.#effects.clock.now() + retryInMs);
    this.refresh();
    return retryInMs;
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

  #tellRestart({ crashes, crashLoop, waitMs }: Restart): void {
    const id = this.#recovery.provenId!;
    this.#effects.observe({ type: "restart.scheduled", id, crashes, inMs: waitMs, crashLoop });
  }

  #changed(): void {
    this.refresh();
    this.#alarm.ring();
  }

  /** Derives the state; whoever changes what it is derived from calls this. */
  refresh(): void {
    const serving = this.stage.current;
    const check = this.#lastCheck?.result;
    this.#announcer.announce(summarize({
      stopping: this.isStopping,
      serving: serving === null ? null : refer(serving),
      rollingTo: this.#rollingTo,
      refused: this.#refusals.latest,
      checkProblem: check?.outcome === "failed" ? check.detail : null,
      crash: this.#recovery.crash,
      sick: this.#guard.isSick,
      onProbation: this.#guard.onProbation,
      waiting: this.#waiting,
      settings: this.preferences.now,
      journalProblem: this.chronicle.problem,
    }));
  }

  async #shutDown(): Promise<void> {
    this.#nextUp.giveUp("liveroll is stopping");
    this.#guard.stop();
    await this.#effects.traffic.close(this.#options.drainTimeoutMs, this.#force.signal);
    await this.stage.clear();
    await Promise.allSettled(this.#running);
    await this.stage.clear();
    await this.#effects.source.idle();
    this.requests.endAll("interrupted", "liveroll has stopped");
    this.#announcer.announce({ state: "stopped", detail: "stopped" });
  }
}
