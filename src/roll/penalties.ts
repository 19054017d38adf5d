import type { Found } from "./checker.ts";
import type { Checks } from "./checks.ts";
import type { Effects } from "./effects.ts";
import type { ProvenVersions } from "./proven_versions.ts";
import type { Price, Quarantine } from "./quarantine.ts";
import type { Recovery } from "./recovery.ts";
import type { Refusals } from "./refusals.ts";
import type { Stage } from "./stage.ts";

/** While nothing serves and the proven version does not start, a refused one waits no longer. */
const DESPERATE_MS = 30_000;

/** What penalties are measured by, and who carries them out. */
export interface PenaltiesTools {
  effects: Pick<Effects, "clock">;
  stage: Pick<Stage, "current">;
  recovery: Recovery;
  proven: Pick<ProvenVersions, "newest">;
  quarantine: Pick<Quarantine, "ease">;
  refusals: Pick<Refusals, "add">;
  checks: Pick<Checks, "keepUp" | "retryIn">;
  /** A version was refused. */
  onRefused(): void;
}

/** What a failure costs its version: how long it has to wait, or that another one is healed. */
export class Penalties {
  readonly #tools: PenaltiesTools;

  constructor(tools: PenaltiesTools) {
    this.#tools = tools;
  }

  /**
   * A roll has failed. The proven version is healed instead, not locked away.
   *
   * @param isFault Its version is to blame.
   * @returns Milliseconds until it may be tried again; null: it is not in quarantine.
   */
  failed(
    { id, trigger }: Pick<Found, "id" | "trigger">,
    detail: string,
    isFault: boolean,
  ): number | null {
    const { recovery, stage, checks } = this.#tools;
    if (isFault && this.#givesUp(id)) return this.#refuse(id, detail, "after_rollback");
    if (id === recovery.provenId) return null;
    if (!isFault) {
      const retryInMs = this.#refuse(id, detail, "not_to_blame");
      checks.keepUp(trigger, retryInMs);
      return retryInMs;
    }
    // Where a proven version is being brought back, that one is the best hope there is.
    const canWait = stage.current !== null || recovery.provenId !== null;
    return this.#refuse(id, detail, canWait ? "while_serving" : "while_down");
  }

  /** `id` served, but not well. */
  servedBadly(id: string, detail: string): void {
    this.#refuse(id, detail, "after_rollback");
  }

  /** What is known to be good cannot be started again: whatever there is may be tried. */
  despair(): void {
    const { stage, quarantine, effects, checks } = this.#tools;
    if (stage.current !== null) return;
    quarantine.ease(effects.clock.now(), DESPERATE_MS);
    checks.retryIn(DESPERATE_MS);
  }

  /** Whether what was to come back is given up for the one before: it had no time to prove itself. */
  #givesUp(id: string): boolean {
    const { proven: { newest }, recovery, stage } = this.#tools;
    if (id !== recovery.provenId || stage.current !== null) return false;
    if (newest === null || newest === id) return false;
    recovery.revert(newest);
    return true;
  }

  #refuse(id: string, detail: string, price: Price): number {
    const retryInMs = this.#tools.refusals.add(id, detail, price);
    this.#tools.checks.retryIn(retryInMs);
    this.#tools.onRefused();
    return retryInMs;
  }
}
