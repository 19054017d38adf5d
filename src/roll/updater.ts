import { Alarm } from "./alarm.ts";
import { Attempts } from "./attempts.ts";
import { Checker, type CheckResult, type Found } from "./checker.ts";
import { Announcer } from "./announcer.ts";
import { decide, type Decision, type Situation } from "./decide.ts";
import type { Effects, Instance } from "./effects.ts";
import type { Trigger } from "./events.ts";
import { Quarantine } from "./quarantine.ts";
import { Recovery } from "./recovery.ts";
import type { Restart } from "./restart_policy.ts";
import type { RollOptions } from "./roll.ts";
import { Schedule } from "./schedule.ts";
import { refer, Stage, type StageOptions } from "./stage.ts";
import { type Facts, summarize } from "./summary.ts";

/** A roll that found no free port is tried again after this time: no version is to blame. */
const PORT_RETRY_MS = 5_000;

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
  readonly #attempts: Attempts;
  readonly #quarantine = new Quarantine();
  readonly #recovery = new Recovery();
  readonly #alarm: Alarm;
  readonly #schedule: Schedule;
  readonly #announcer: Announcer;
  readonly #stop = new AbortController();
  readonly #force = new AbortController();
  readonly #running = new Set<Promise<void>>();

  #checking = false;
  /** The version to roll to, and when that may begin. */
  #found: { version: Found; at: number } | null = null;
  #rolling = false;
  /** The version on its way to the front; null again from the switch on. */
  #rollingTo: string | null = null;
  #restartRequested = false;
  #refused: Facts["refused"] = null;
  #checkProblem: string | null = null;

  constructor(effects: Effects, options: UpdaterOptions) {
    this.#effects = effects;
    this.#options = options;
    this.#alarm = new Alarm(effects.clock);
    this.#stage = new Stage(effects, options);
    this.#checker = new Checker(effects, this.#quarantine);
    this.#attempts = new Attempts(effects, this.#stage, options, {
      onSwitched: (roll, instance, trigger) => this.#switched(roll, instance, trigger),
      onRefused: (id, detail) => this.#refuse(id, detail),
    });
    this.#schedule = new Schedule(options.intervalMs, effects.clock.now(), () => effects.random());
    this.#announcer = new Announcer(effects.observe);
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
    this.#schedule.force();
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
      foundAt: this.#found?.at ?? null,
      forceRequested: this.#schedule.isForced,
      restartRequested: this.#restartRequested,
      nextCheckAt: this.#schedule.dueAt,
    };
  }

  /** Starts what was decided. Flags change before anything is awaited: nothing is begun twice. */
  #begin(decision: Exclude<Decision, { do: "stop" | "wait" }>): void {
    const work = {
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
    const { version } = this.#found!;
    this.#found = null;
    return version;
  }

  #takeRestart(): Found {
    this.#restartRequested = false;
    return { id: this.#recovery.provenId!, trigger: "restart" };
  }

  async #check(): Promise<void> {
    this.#checking = true;
    try {
      const trigger = this.#schedule.begin();
      const runningId = () => this.#recovery.provenId;
      this.#heed(await this.#checker.check(trigger, runningId, this.#stop.signal));
    } catch {
      // Only the stop signal ends a check this way.
    } finally {
      this.#checking = false;
      const isContent = this.#recovery.provenId !== null || this.#found !== null;
      this.#schedule.end(this.#effects.clock.now(), isContent);
    }
  }

  #heed(result: CheckResult): void {
    this.#checkProblem = result.outcome === "failed" ? result.detail : null;
    if (result.outcome === "found") this.#rollLater(result.found, 0);
    if (result.outcome === "quarantined") this.#schedule.retryAt(result.retryAt);
    if (result.outcome === "unchanged") this.#refused = null;
  }

  #rollLater(version: Found, waitMs: number): void {
    this.#found = { version, at: this.#effects.clock.now() + waitMs };
  }

  async #roll(target: Found): Promise<void> {
    if (this.#isOutdated(target)) return;
    this.#rolling = true;
    this.#rollingTo = target.id;
    try {
      const outcome = await this.#attempts.run(target, this.#stop.signal);
      // A version that was found meanwhile is newer than this one.
      if (outcome === "port_busy" && this.#found === null) this.#rollLater(target, PORT_RETRY_MS);
    } finally {
      this.#rolling = false;
      this.#rollingTo = null;
    }
    // With the exclusive strategy nothing serves after a refusal: the proven version comes back.
    if (this.#stage.current === null) this.#recovery.wanted(this.#effects.clock.now());
  }

  /** While it waited for its roll, a version may have been tried in another one. */
  #isOutdated({ id, trigger }: Found): boolean {
    if (trigger === "forced" || trigger === "restart") return false;
    const isRefused = this.#quarantine.blocks(id, this.#effects.clock.now()) !== null;
    return isRefused || id === this.#recovery.provenId;
  }

  /** Starts what has crashed again; the source is not asked, so it may be down. */
  async #heal(): Promise<void> {
    const superseded = this.#recovery.begin();
    const signal = AbortSignal.any([this.#stop.signal, superseded]);
    const target: Found = { id: this.#recovery.provenId!, trigger: "crash" };
    let isHealed = false;
    try {
      isHealed = await this.#attempts.run(target, signal) === "succeeded";
    } finally {
      this.#recovery.end();
      if (!isHealed && !signal.aborted) {
        this.#tellRestart(this.#recovery.failed(this.#effects.clock.now()));
      }
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

  /** Puts a version that failed in quarantine; the proven one is healed instead, not locked away. */
  #refuse(id: string, detail: string): number | null {
    if (id === this.#recovery.provenId) return null;
    const now = this.#effects.clock.now();
    // With the exclusive strategy each new try stops the proven version once more.
    const isDearlyTried = this.#options.exclusive && this.#recovery.provenId !== null;
    const canWait = this.#stage.current !== null || isDearlyTried;
    const { retryAt } = this.#quarantine.add(id, now, canWait);
    this.#refused = { id, detail };
    this.#schedule.retryAt(retryAt);
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

  /** Derives the state; whoever changes what it is derived from calls this. */
  #refresh(): void {
    const serving = this.#stage.current;
    this.#announcer.announce(summarize({
      stopping: this.#stop.signal.aborted,
      serving: serving === null ? null : refer(serving),
      rollingTo: this.#rollingTo,
      refused: this.#refused,
      checkProblem: this.#checkProblem,
      crash: this.#recovery.crash,
    }));
  }

  async #shutDown(): Promise<void> {
    await this.#effects.traffic.close(this.#options.drainTimeoutMs, this.#force.signal);
    await this.#stage.clear();
    await Promise.allSettled(this.#running);
    await this.#stage.clear();
    await this.#effects.source.idle();
    this.#announcer.announce({ state: "stopped", detail: "stopped" });
  }
}
