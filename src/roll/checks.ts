import { Checker, type CheckerTools, type CheckResult, type Found } from "./checker.ts";
import type { Trigger } from "./events.ts";
import type { Wait } from "./policy.ts";
import type { Requests } from "./requests.ts";
import { Schedule, type Wish } from "./schedule.ts";

/** After this time a check that failed is made again, if none would be made by itself. */
const RETRY_MS = 60_000;

/** Whoever asks this way is not told what comes of it, and would not ask again. */
const UNTOLD: readonly Trigger[] = ["webhook", "forced"];

/** A check that somebody has asked for; monotonic. */
interface Owed {
  readonly at: number;
  readonly trigger: Trigger;
}

/** What the last check came to, and when; milliseconds since 1970. */
export interface LastCheck {
  readonly at: number;
  readonly result: CheckResult;
}

/** What checks work with. */
export interface ChecksTools extends CheckerTools {
  requests: Requests;
}

/** When the source is asked. */
export interface ChecksOptions {
  intervalMs: number;
  /** The longest wait after checks that failed; 0: none is longer than the interval. */
  maxBackoffMs: number;
  /** The source is asked only when somebody wants it, once something is proven. */
  onDemand: boolean;
  /** Something was proven in a former life. */
  provenBefore: boolean;
}

/** What checks need of the one that decides. */
export interface ChecksHost {
  /** The version that runs, or ran until it crashed. */
  runningId(): string | null;
  onFound(found: Found): void;
  /** Nothing newer will come by itself in the place of what should run. */
  onNothing(): void;
  /** Aborts when everything ends. */
  readonly stopping: AbortSignal;
}

/** Asks the source when it is time, remembers what it said, and tells those who wait for it. */
export class Checks {
  readonly #tools: ChecksTools;
  readonly #options: ChecksOptions;
  readonly #host: ChecksHost;
  readonly #checker: Checker;
  readonly #schedule: Schedule;
  #isUnderWay = false;
  #last: LastCheck | null = null;
  #waiting: { id: string; wait: Wait } | null = null;
  /** With `onDemand`: what somebody asked for, and when it can be looked for again. */
  #owed: Owed | null = null;

  constructor(tools: ChecksTools, options: ChecksOptions, host: ChecksHost) {
    this.#tools = tools;
    this.#options = options;
    this.#host = host;
    this.#checker = new Checker(tools);
    const { intervalMs, maxBackoffMs, onDemand, provenBefore } = options;
    const { effects } = tools;
    this.#schedule = new Schedule(
      { intervalMs: onDemand ? Infinity : intervalMs, maxBackoffMs },
      onDemand && provenBefore ? Infinity : effects.clock.now(),
      () => effects.random(),
    );
  }

  /** What the source said last. */
  get last(): LastCheck | null {
    return this.#last;
  }

  /** What has to wait, and why. */
  get waiting(): { readonly id: string; readonly wait: Wait } | null {
    return this.#waiting;
  }

  /** One is under way. */
  get isUnderWay(): boolean {
    return this.#isUnderWay;
  }

  /** Somebody wants one now. */
  get isWished(): boolean {
    return this.#schedule.isWished;
  }

  /** A check may change what is on the disk: nothing that is pinned or paused should see that. */
  get happenByThemselves(): boolean {
    const { paused, pinned } = this.#tools.preferences.now;
    return !paused && pinned === null;
  }

  /** What serves first after a start is up to the source. */
  get decideTheStart(): boolean {
    return this.happenByThemselves && !this.#options.onDemand;
  }

  /** When the next one is due, unless one is wished; monotonic. */
  get dueAt(): number {
    return this.#isOnDemand ? this.#owed?.at ?? Infinity : this.#schedule.dueAt;
  }

  /** When the source is asked next by itself, in milliseconds from now; null: only on demand. */
  get nextInMs(): number | null {
    if (this.dueAt === Infinity || !this.happenByThemselves) return null;
    return Math.max(0, this.dueAt - this.#tools.effects.clock.now());
  }

  /** One is wanted now. */
  wish(wish: Wish): void {
    this.#schedule.wish(wish);
  }

  /** Updates do not go on: what somebody wants is not begun, unless it goes over that. */
  decline(detail: string): void {
    // SIGHUP does not go over a pause either.
    const wish = this.#schedule.withdraw(({ force, trigger }) => !force || trigger === "forced");
    if (wish === null) return;
    this.#tools.effects.observe({ type: "check.declined", trigger: wish.trigger, detail });
    this.#endAll(wish, "refused", detail);
    this.keepUp(wish.trigger);
  }

  /** One is due in `waitMs` at the latest, but not on demand. */
  retryIn(waitMs: number): void {
    this.#schedule.retryAt(this.#tools.effects.clock.now() + waitMs);
  }

  /**
   * What was asked for cannot be done now, and no version is to blame: one is due in `waitMs` at the
   * latest, but not before updates go on. On demand only if nobody was told.
   */
  keepUp(trigger: Trigger, waitMs = 0): void {
    this.retryIn(waitMs);
    if (!UNTOLD.includes(trigger)) return;
    this.#owe({ at: this.#tools.effects.clock.now() + waitMs, trigger });
  }

  /** What was found has to wait. */
  putOff({ obstacle, waitMs }: Wait, trigger: Trigger): void {
    if (obstacle === "quarantined") return this.retryIn(waitMs ?? 0);
    if (obstacle === "paused" || obstacle === "pinned") return this.keepUp(trigger);
    if (waitMs !== null) this.keepUp(trigger, waitMs);
  }

  /** What waits may not have to any more; the next check tells. */
  forgetWaiting(): void {
    if (this.#isOnDemand) return this.#judgeWaiting();
    this.#waiting = null;
    this.retryIn(0);
  }

  /** Whether the source ever named `id`. */
  hasSeen(id: string): boolean {
    return this.#checker.hasSeen(id);
  }

  /** What stands in the way of `id` now; null: nothing. */
  obstacle(id: string, wish: Wish): Wait | null {
    return this.#checker.obstacle(id, wish, this.#host.runningId());
  }

  /** One check. Never rejects, unless an observer throws. */
  async run(): Promise<void> {
    const { clock } = this.#tools.effects;
    this.#isUnderWay = true;
    const later = this.#takeOwed();
    const wish = this.#schedule.begin();
    let outcome: CheckResult["outcome"] | null = null;
    try {
      const runningId = () => this.#host.runningId();
      const result = await this.#checker.check(wish, runningId, this.#host.stopping);
      outcome = result.outcome;
      this.#heed(result, wish);
    } catch {
      // Only the stop signal ends a check this way.
      this.#endAll(wish, "interrupted", "liveroll is stopping");
    } finally {
      this.#isUnderWay = false;
      if (later !== null && outcome !== "found" && outcome !== "unchanged") this.#owe(later);
      const isContent = outcome === "found" || this.#host.runningId() !== null;
      this.#schedule.end(clock.now(), isContent, outcome === "failed");
    }
  }

  #heed(result: CheckResult, wish: Wish): void {
    this.#last = { at: this.#tools.effects.date(), result };
    this.#waiting = result.outcome === "waits" ? result : null;
    switch (result.outcome) {
      case "found":
        return this.#host.onFound(result.found);
      case "waits":
        this.putOff(result.wait, wish.trigger);
        this.#endAll(wish, "refused", `${result.id} has to wait: ${result.wait.detail}`);
        break;
      case "unchanged":
        this.#endAll(wish, "unchanged", `${result.id} is the newest version`);
        break;
      case "failed":
        // Nobody else asks again: a trigger must not be lost because the network was.
        if (this.#options.onDemand) this.keepUp(wish.trigger, RETRY_MS);
        this.#endAll(wish, "failed", result.detail);
    }
    this.#host.onNothing();
  }

  /** The source is asked only for somebody; the start asks until something serves for the first time. */
  get #isOnDemand(): boolean {
    const { onDemand, provenBefore } = this.#options;
    return onDemand && (provenBefore || this.#host.runningId() !== null);
  }

  #owe(owed: Owed): void {
    if (this.#owed === null || owed.at < this.#owed.at) this.#owed = owed;
  }

  /** What is due becomes a wish. @returns What is not. */
  #takeOwed(): Owed | null {
    const owed = this.#owed;
    this.#owed = null;
    if (owed === null || owed.at > this.#tools.effects.clock.now()) return owed;
    if (this.#isOnDemand) this.wish({ trigger: owed.trigger, force: false, requests: [] });
    return null;
  }

  /** Something else may stand in its way now; the source is not asked. */
  #judgeWaiting(): void {
    if (this.#waiting === null) return;
    const { id } = this.#waiting;
    const wait = this.obstacle(id, { trigger: "interval", force: false, requests: [] });
    this.#waiting = wait && { id, wait };
  }

  #endAll(
    { requests }: Wish,
    outcome: "failed" | "unchanged" | "refused" | "interrupted",
    detail: string,
  ): void {
    for (const request of requests) this.#tools.requests.end(request, outcome, detail);
  }
}
