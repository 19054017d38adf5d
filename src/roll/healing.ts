import type { Attempts } from "./attempts.ts";
import type { Found } from "./checker.ts";
import type { Effects } from "./effects.ts";
import type { Recovery } from "./recovery.ts";
import type { Restart } from "./restart_policy.ts";

/** What healing works with. */
export interface HealingTools {
  effects: Effects;
  attempts: Attempts;
  recovery: Recovery;
  /** What is known to be good fails again and again; told each time. */
  onHopeless(): void;
  /** Aborts when everything ends. */
  stopping: AbortSignal;
}

/** Starts what has crashed again; the source is not asked, so it may be down. */
export class Healing {
  readonly #tools: HealingTools;
  #target: Found | null = null;

  constructor(tools: HealingTools) {
    this.#tools = tools;
  }

  /** Whether `target` is what is being brought back. */
  brings(target: Found): boolean {
    return this.#target === target;
  }

  /** One try; if it fails, the next one is scheduled and told. */
  async run(): Promise<void> {
    const { recovery, stopping } = this.#tools;
    const id = recovery.provenId!;
    const target: Found = { id, trigger: recovery.trigger, force: true, requests: [], roll: null };
    const signal = AbortSignal.any([stopping, recovery.begin()]);
    this.#target = target;
    let isHealed = false;
    try {
      isHealed = await this.#try(target, signal);
    } finally {
      this.#target = null;
      recovery.end();
      if (!isHealed && !signal.aborted) {
        const restart = recovery.failed(this.#tools.effects.clock.now());
        this.tell(restart);
        if (restart.crashLoop) this.#tools.onHopeless();
      }
    }
  }

  /** Tells when what has crashed is started again. */
  tell({ crashes, crashLoop, waitMs }: Restart): void {
    const id = this.#tools.recovery.provenId!;
    this.#tools.effects.observe({
      type: "restart.scheduled",
      id,
      crashes,
      inMs: waitMs,
      crashLoop,
    });
  }

  async #try(target: Found, signal: AbortSignal): Promise<boolean> {
    const { attempts, recovery } = this.#tools;
    const attempt = await attempts.run(target, recovery.provenId, signal);
    if (attempt.outcome === "postponed") {
      attempts.interrupt(attempt.roll, target, "there was no port for it");
    }
    return attempt.outcome === "switched";
  }
}
