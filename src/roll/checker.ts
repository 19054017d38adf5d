import { type Effects, SourceError } from "./effects.ts";
import type { Trigger } from "./events.ts";
import type { Quarantine } from "./quarantine.ts";

/** So many new ids from as many checks in a row are a defect of the id command, not releases. */
const UNSTABLE_AFTER = 5;

/** A version that should be rolled to. */
export interface Found {
  id: string;
  trigger: Trigger;
}

/** What a check came to. */
export type CheckResult =
  | { outcome: "found"; found: Found }
  | { outcome: "unchanged" }
  /** It was refused before and may be tried again at `retryAt` (monotonic). */
  | { outcome: "quarantined"; retryAt: number }
  | { outcome: "failed"; detail: string };

/** Asks the source and judges its answer. */
export class Checker {
  readonly #effects: Effects;
  readonly #quarantine: Quarantine;
  #newIds: string[] = [];

  constructor(effects: Effects, quarantine: Quarantine) {
    this.#effects = effects;
    this.#quarantine = quarantine;
  }

  /**
   * One check. A forced one finds its version even if it runs already or is in quarantine.
   *
   * @param runningId The version that runs, or ran until it crashed; asked when the answer is in.
   * @throws The reason of `signal`, when it aborts.
   */
  async check(
    trigger: Trigger,
    runningId: () => string | null,
    signal: AbortSignal,
  ): Promise<CheckResult> {
    this.#effects.observe({ type: "check.started", trigger });
    try {
      const id = await this.#effects.source.latest(signal);
      signal.throwIfAborted();
      return this.#judge(id, trigger, runningId());
    } catch (error) {
      signal.throwIfAborted();
      return this.#failed(error);
    }
  }

  #judge(id: string, trigger: Trigger, runningId: string | null): CheckResult {
    if (trigger === "forced") {
      this.#quarantine.release(id);
      return { outcome: "found", found: { id, trigger } };
    }
    if (id === runningId) return this.#unchanged(id);
    const now = this.#effects.clock.now();
    const entry = this.#quarantine.blocks(id, now);
    if (entry !== null) {
      const { failures, retryAt } = entry;
      this.#effects.observe({ type: "check.quarantined", id, failures, retryInMs: retryAt - now });
      return { outcome: "quarantined", retryAt };
    }
    this.#watchStability(id);
    return { outcome: "found", found: { id, trigger } };
  }

  #unchanged(id: string): CheckResult {
    this.#newIds = [];
    this.#effects.observe({ type: "check.unchanged", id });
    return { outcome: "unchanged" };
  }

  #failed(error: unknown): CheckResult {
    const step = error instanceof SourceError ? error.step : "pull";
    const detail = error instanceof Error ? error.message : String(error);
    this.#effects.observe({ type: "check.failed", step, detail });
    return { outcome: "failed", detail };
  }

  /** A timestamp as an id would replace the application at every check, for ever: say so, once. */
  #watchStability(id: string): void {
    // The next try of a refused version is not a new id.
    if (this.#newIds.includes(id)) this.#newIds = [];
    if (this.#newIds.length === UNSTABLE_AFTER) return;
    this.#newIds.push(id);
    if (this.#newIds.length === UNSTABLE_AFTER) {
      this.#effects.observe({ type: "check.unstable_id", ids: this.#newIds });
    }
  }
}
