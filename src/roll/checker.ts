import type { Chronicle } from "./chronicle.ts";
import { type Effects, SourceError } from "./effects.ts";
import type { Trigger } from "./events.ts";
import { obstacle, type PolicyOptions, type Wait } from "./policy.ts";
import type { Preferences } from "./preferences.ts";
import type { Quarantine } from "./quarantine.ts";
import type { Wish } from "./schedule.ts";

/** So many new ids from as many checks in a row are a defect of the id command, not releases. */
const UNSTABLE_AFTER = 5;

/** Versions whose first sight is remembered; the oldest is forgotten first. */
const MAX_SEEN = 100;

/** A version that should be rolled to. */
export interface Found {
  readonly id: string;
  readonly trigger: Trigger;
  /** Also if it runs, or failed before. */
  readonly force: boolean;
  /** Who waits for the outcome. */
  readonly requests: readonly number[];
  /** Number of the roll that began with it and had to wait; null: none has begun. */
  readonly roll: number | null;
}

/** What a check came to. */
export type CheckResult =
  | { outcome: "found"; found: Found }
  | { outcome: "unchanged"; id: string }
  /** Something stands in its way. */
  | { outcome: "waits"; id: string; wait: Wait }
  | { outcome: "failed"; detail: string };

/** What a checker works with. */
export interface CheckerTools {
  effects: Effects;
  chronicle: Chronicle;
  quarantine: Quarantine;
  preferences: Preferences;
  policy: PolicyOptions;
}

/** Asks the source and judges its answer. */
export class Checker {
  readonly #tools: CheckerTools;
  readonly #seen: Map<string, number>;
  #newIds: string[] = [];

  constructor(tools: CheckerTools) {
    this.#tools = tools;
    this.#seen = new Map(tools.effects.journal.memory.seen);
  }

  /** Whether the source ever named `id`. */
  hasSeen(id: string): boolean {
    return this.#seen.has(id);
  }

  /**
   * One check. A forced one finds its version even if it runs already or is in quarantine.
   *
   * @param runningId The version that runs, or ran until it crashed; asked when the answer is in.
   * @throws The reason of `signal`, when it aborts.
   */
  async check(
    wish: Wish,
    runningId: () => string | null,
    signal: AbortSignal,
  ): Promise<CheckResult> {
    const { observe, source } = this.#tools.effects;
    observe({ type: "check.started", trigger: wish.trigger });
    try {
      const id = await source.latest(signal, runningId());
      signal.throwIfAborted();
      return this.#judge(id, wish, runningId());
    } catch (error) {
      signal.throwIfAborted();
      return this.#failed(error);
    }
  }

  /** What stands in the way of `id` now; null: nothing. */
  obstacle(id: string, { trigger, force }: Wish, runningId: string | null): Wait | null {
    const { effects, quarantine, preferences, policy } = this.#tools;
    const candidacy = {
      id,
      trigger,
      force,
      settings: preferences.now,
      quarantined: quarantine.blocks(id, effects.clock.now()),
      provenBefore: runningId !== null,
      seenAt: this.#seenAt(id),
    };
    return obstacle(candidacy, policy, effects);
  }

  #judge(id: string, wish: Wish, runningId: string | null): CheckResult {
    if (id === runningId && !wish.force) return this.#unchanged(id);
    const wait = this.obstacle(id, wish, runningId);
    if (wait !== null) return this.#waits(id, runningId, wait);
    if (id !== runningId) {
      this.#watchStability(id);
      this.#tools.effects.observe({ type: "update.found", id, from: runningId, waits: null });
    }
    return { outcome: "found", found: { ...wish, id, roll: null } };
  }

  #waits(id: string, from: string | null, wait: Wait): CheckResult {
    const { effects, quarantine } = this.#tools;
    const { detail, waitMs } = wait;
    const entry = quarantine.blocks(id, effects.clock.now());
    if (wait.obstacle === "quarantined" && entry !== null) {
      const { failures } = entry;
      effects.observe({ type: "check.quarantined", id, failures, retryInMs: waitMs ?? 0 });
    } else {
      const until = waitMs === null ? null : effects.date() + waitMs;
      const waits = { obstacle: wait.obstacle, detail, until };
      effects.observe({ type: "update.found", id, from, waits });
    }
    return { outcome: "waits", id, wait };
  }

  #unchanged(id: string): CheckResult {
    this.#newIds = [];
    this.#tools.effects.observe({ type: "check.unchanged", id });
    return { outcome: "unchanged", id };
  }

  #failed(error: unknown): CheckResult {
    const step = error instanceof SourceError ? error.step : "pull";
    const detail = error instanceof Error ? error.message : String(error);
    this.#tools.effects.observe({ type: "check.failed", step, detail });
    return { outcome: "failed", detail };
  }

  /** When the source named `id` first; that is now, if it never has. */
  #seenAt(id: string): number {
    const known = this.#seen.get(id);
    const at = this.#tools.effects.date();
    // One that is still to come was written by a clock that was wrong.
    if (known !== undefined && known <= at) return known;
    this.#seen.set(id, at);
    if (this.#seen.size > MAX_SEEN) this.#seen.delete(this.#seen.keys().next().value!);
    this.#tools.chronicle.note({ step: "version.seen", id, at });
    return at;
  }

  /** A timestamp as an id would replace the application at every check, for ever: say so, once. */
  #watchStability(id: string): void {
    // The next try of a refused version is not a new id.
    if (this.#newIds.includes(id)) this.#newIds = [];
    if (this.#newIds.length === UNSTABLE_AFTER) return;
    this.#newIds.push(id);
    if (this.#newIds.length === UNSTABLE_AFTER) {
      this.#tools.effects.observe({ type: "check.unstable_id", ids: this.#newIds });
    }
  }
}
