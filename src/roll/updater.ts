import { Alarm } from "./alarm.ts";
import { Checker, type Found } from "./checker.ts";
import { decide, type Decision, type Situation } from "./decide.ts";
import type { Effects, Instance } from "./effects.ts";
import type { AppState, Trigger } from "./events.ts";
import { Quarantine } from "./quarantine.ts";
import { Recovery } from "./recovery.ts";
import type { Restart } from "./restart_policy.ts";
import { roll, type RollOptions, type RollResult } from "./roll.ts";
import { refer, Stage, type StageOptions } from "./stage.ts";
import { type Facts, summarize } from "./summary.ts";

/** Checks are spread by this share of the interval, so that many hosts do not ask in step. */
const JITTER = 0.1;

/** Until something serves for the first time nobody has the patience of a long interval. */
const FIRST_INTERVAL_MS = 10_000;

/** When to look for versions, and how to replace them. */
export interface UpdaterOptions extends RollOptions, StageOptions {
  intervalMs: number;
}

/**
 * Decides when something is checked, rolled, restarted or healed. One loop owns all state; what
 * takes time runs beside it (one check, one roll, one healing at most) and wakes it when done.
 */
export class Updater {
  readonly #effects: Effects;
  readonly #options: UpdaterOptions;
  readonly #stage: Stage;
  readonly #checker: Checker;
  readonly #quarantine = new Quarantine();
  readonly #recovery = new Recovery();
  readonly #alarm: Alarm;
  readonly #stop = new AbortController();
  readonly #force = new AbortController();
  readonly #running = new Set<Promise<void>>();

  #rolls = 0;
  #checking = false;
  #found: Found | null = null;
  #rolling = false;
  /** The version on its way to the front; null again from the switch on. */
  #rollingTo: string | null = null;
  #nextCheckAt: number;
  #nextTrigger: Trigger = "start";
  #forceRequested = false;
  #restartRequested = false;
  #refused: Facts["refused"] = null;
  #checkProblem: string | null = null;
  #summary: { state: AppState; detail: string } = { state: "starting", detail: "" };

  constructor(effects: Effects, options: UpdaterOptions) {
    this.#effects = effects;
    this.#options = options;
    this.#alarm = new Alarm(effects.clock);
    this.#stage = new Stage(effects, options);
    this.#checker = new Checker(effects, this.#quarantine);
    this.#nextCheckAt = effects.clock.now();
  }

  /** Who is on the stage; for status and for tests. */
  get stage(): Stage {
    return this.#stage;
  }

  /** Works until {@linkcode Updater.stop} is called and everything it started has ended. */
  async run(): Promise<void> {
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
    this.#forceRequested = true;
    this.#alarm.ring();
  }

  /** Replaces what runs by a fresh instance of the same version, without asking the source. */
  requestRestart(): void {
    this.#restartRequested = true;
    this.#alarm.ring();
  }

  /** Ends {@linkcode Updater.run}: drains, then stops everything. The second call does not wait. */
  stop(): void {
    if (this.#stop.signal.aborted) {
      this.#force.abort();
      this.#stage.kill();
      return;
    }
    this.#stop.abort(new DOMException("liveroll is stopping", "AbortError"));
    this.#refresh();
    this.#alarm.ring();
  }

  // Private

  #situation(): Situation {
    return {
      now: this.#effects.clock.now(),
      stopping: this.#stop.signal.aborted,
      exclusive: this.#options.exclusive,
      serving: this.#stage.current !== null,
      provenBefore: this.#recovery.provenId !== null,
      healAt: this.#recovery.dueAt,
      healing: this.#recovery.isUnderWay,
      rolling: this.#rolling,
      checking: this.#checking,
      found: this.#found !== null,
      forceRequested: this.#forceRequested,
      restartRequested: this.#restartRequested,
      nextCheckAt: this.#nextCheckAt,
    };
  }

  /** Starts what was decided. Flags change before anything is awaited: nothing is begun twice. */
  #begin(decision: Exclude<Decision, { do: "wait" }>): void {
    const work = {
      stop: () => Promise.resolve(),
      heal: () => this.#heal(),
      roll: () => this.#roll(this.#takeFound()),
      restart: () => this.#roll(this.#takeRestart()),
      check: () => this.#check(),
    }[decision.do]();
    this.#running.add(work);
    work.finally(() => {
      this.#running.delete(work);
      this.#refresh();
      this.#alarm.ring();
    });
    this.#refresh();
  }

  #takeFound(): Found {
    const found = this.#found!;
    this.#found = null;
    return found;
  }

  #takeRestart(): Found {
    this.#restartRequested = false;
    return { id: this.#recovery.provenId!, trigger: "restart" };
  }

  async #check(): Promise<void> {
    const trigger = this.#forceRequested ? "forced" : this.#nextTrigger;
    this.#checking = true;
    this.#forceRequested = false;
    this.#nextTrigger = "interval";
    try {
      const signal = this.#stop.signal;
      const result = await this.#checker.check(trigger, () => this.#recovery.provenId, signal);
      this.#checkProblem = result.outcome === "failed" ? result.detail : null;
      if (result.outcome === "found") this.#found = result.found;
      if (result.outcome === "unchanged") this.#refused = null;
    } catch {
      // Only the stop signal ends a check this way.
    } finally {
      this.#checking = false;
      this.#nextCheckAt = this.#effects.clock.now() + this.#jitteredInterval();
      if (this.#found === null) this.#checkSoonIfNothingServed();
    }
  }

  #checkSoonIfNothingServed(): void {
    if (this.#recovery.provenId !== null) return;
    const soon = this.#effects.clock.now() + FIRST_INTERVAL_MS;
    this.#nextCheckAt = Math.min(this.#nextCheckAt, soon);
  }

  #jitteredInterval(): number {
    return this.#options.intervalMs * (1 + JITTER * (2 * this.#effects.random() - 1));
  }

  async #roll(target: Found): Promise<void> {
    this.#rolling = true;
    this.#rollingTo = target.id;
    try {
      await this.#attempt(target, this.#stop.signal);
    } finally {
      this.#rolling = false;
      this.#rollingTo = null;
      this.#checkSoonIfNothingServed();
    }
    // With the exclusive strategy nothing serves after a refusal: the proven version comes back.
    if (this.#stage.current === null) this.#recovery.wanted(this.#effects.clock.now());
  }

  /** Starts what has crashed again; the source is not asked, so it may be down. */
  async #heal(): Promise<void> {
    const superseded = this.#recovery.begin();
    const signal = AbortSignal.any([this.#stop.signal, superseded]);
    const target: Found = { id: this.#recovery.provenId!, trigger: "crash" };
    let isHealed = false;
    try {
      isHealed = await this.#attempt(target, signal) === "succeeded";
    } finally {
      this.#recovery.end();
      if (!isHealed && !signal.aborted) {
        this.#tellRestart(this.#recovery.failed(this.#effects.clock.now()));
      }
    }
  }

  /** One roll with its events and its consequences for the version. */
  async #attempt(
    { id, trigger }: Found,
    signal: AbortSignal,
  ): Promise<RollResult["outcome"] | "interrupted"> {
    const { observe, clock } = this.#effects;
    const number = ++this.#rolls;
    const began = clock.now();
    observe({
      type: "roll.started",
      roll: number,
      trigger,
      from: this.#stage.current?.id ?? null,
      to: id,
    });
    const onSwitched = (instance: Instance) => this.#switched(number, instance, trigger);
    try {
      const plan = { roll: number, id, onSwitched };
      const result = await roll(plan, this.#stage, this.#effects, this.#options, signal);
      // A failure says nothing any more if another version has come to the front in between.
      if (result.outcome !== "succeeded") signal.throwIfAborted();
      this.#report(number, id, result, clock.now() - began);
      return result.outcome;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      observe({ type: "roll.interrupted", roll: number, id, reason });
      return "interrupted";
    }
  }

  /** A candidate has become current. Runs in the same step as the switch itself. */
  #switched(number: number, instance: Instance, trigger: Trigger): void {
    const from = this.#recovery.provenId;
    if (trigger !== "crash") {
      this.#recovery.supersede();
      this.#rollingTo = null;
      // The running version started again says nothing about a newer one that was refused.
      if (trigger !== "restart") this.#refused = null;
    }
    this.#quarantine.release(instance.id);
    this.#recovery.serves(instance.id, this.#effects.clock.now());
    instance.exited.then(() => this.#exited(instance));
    this.#effects.observe({ type: "roll.switched", roll: number, instance: refer(instance), from });
    this.#refresh();
  }

  #report(number: number, id: string, result: RollResult, durationMs: number): void {
    const { observe } = this.#effects;
    switch (result.outcome) {
      case "succeeded":
        return observe({ type: "roll.succeeded", roll: number, id, durationMs });
      case "port_busy":
        return observe({ type: "port.busy", port: result.port, holder: result.holder });
      case "failed": {
        const { reason, detail, lastLines } = result;
        const retryInMs = this.#refuse(id, detail);
        observe({ type: "roll.failed", roll: number, id, reason, detail, lastLines, retryInMs });
      }
    }
  }

  /** Puts a version that failed in quarantine; the proven one is healed instead, not locked away. */
  #refuse(id: string, detail: string): number | null {
    if (id === this.#recovery.provenId) return null;
    const now = this.#effects.clock.now();
    // With the exclusive strategy each new try stops the proven version once more.
    const isDearlyTried = this.#options.exclusive && this.#recovery.provenId !== null;
    const canWait = this.#stage.current !== null || isDearlyTried;
    const { retryAt } = this.#quarantine.add(id, now, canWait);
    this.#refused = { id, detail };
    this.#nextCheckAt = Math.min(this.#nextCheckAt, retryAt);
    this.#refresh();
    return retryAt - now;
  }

  /** The end of an instance that was promoted. Most often it is a planned one, of no interest. */
  #exited(instance: Instance): void {
    if (this.#stage.current !== instance || this.#force.signal.aborted) return;
    this.#effects.observe({
      type: "instance.exited",
      instance: refer(instance),
      exit: instance.exit!,
      lastLines: instance.lastLines(),
    });
    this.#stage.bury(instance);
    if (!this.#stop.signal.aborted) {
      this.#tellRestart(this.#recovery.crashed(this.#effects.clock.now()));
    }
    this.#refresh();
    this.#alarm.ring();
  }

  #tellRestart({ crashes, crashLoop, waitMs }: Restart): void {
    const id = this.#recovery.provenId!;
    this.#effects.observe({ type: "restart.scheduled", id, crashes, inMs: waitMs, crashLoop });
  }

  /** Derives the state and tells when it has changed: the only place that announces one. */
  #refresh(): void {
    const serving = this.#stage.current;
    const { state, detail } = summarize({
      stopping: this.#stop.signal.aborted,
      serving: serving === null ? null : refer(serving),
      rollingTo: this.#rollingTo,
      refused: this.#refused,
      checkProblem: this.#checkProblem,
      crash: this.#recovery.crash,
    });
    this.#announce(state, detail);
  }

  #announce(state: AppState, detail: string): void {
    const was = this.#summary;
    if (state === was.state && detail === was.detail) return;
    this.#summary = { state, detail };
    this.#effects.observe({ type: "state", state, was: was.state, detail });
  }

  async #shutDown(): Promise<void> {
    await this.#effects.traffic.close(this.#options.drainTimeoutMs, this.#force.signal);
    await this.#stage.clear();
    await Promise.allSettled(this.#running);
    await this.#stage.clear();
    await this.#effects.source.idle();
    this.#announce("stopped", "stopped");
  }
}
