import type { LastCheck } from "../roll/checks.ts";
import type { AppState, CheckStep, RollEvent, RollOutcome } from "../roll/events.ts";
import { type PhaseName, PHASES } from "../roll/journal.ts";
import { Histogram } from "./histogram.ts";
import type { HistogramPicture } from "./metric.ts";

/** Upper bounds in seconds: a switch takes no time, a drain may take many minutes. */
const PHASE_BOUNDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];

/** What a check came to. */
export type CheckCount = "unchanged" | "found" | "waiting" | "failed";

/** What was counted since the start. */
export interface RollCounts {
  readonly state: AppState;
  readonly rolls: Readonly<Record<RollOutcome, number>>;
  readonly phases: readonly { readonly phase: PhaseName; readonly histogram: HistogramPicture }[];
  readonly crashes: number;
  /** By whether they were out of memory. */
  readonly containerDeaths: Readonly<Record<"false" | "true", number>>;
  readonly checks: Readonly<Record<CheckCount, number>>;
  readonly checkErrors: Readonly<Record<CheckStep, number>>;
  /** When the source answered last, milliseconds since 1970; 0: never. */
  readonly lastCheckSuccessAt: number;
  /** When a roll succeeded last, milliseconds since 1970; 0: never. */
  readonly lastRollSuccessAt: number;
}

/** What counting needs. */
export interface RollMetricsSources {
  /** What the last check came to; another object for every check. */
  lastCheck(): LastCheck | null;
  /** Milliseconds since 1970. */
  date(): number;
  /** When a roll succeeded last in a former life, milliseconds since 1970; 0: never. */
  lastRollSuccessAt: number;
}

/** Counts what happens. */
export class RollMetrics {
  readonly #sources: RollMetricsSources;
  readonly #rolls = { succeeded: 0, failed: 0, rolled_back: 0, interrupted: 0, skipped: 0 };
  readonly #phases = new Map(PHASES.map((phase) => [phase, new Histogram(PHASE_BOUNDS)]));
  readonly #checks = { unchanged: 0, found: 0, waiting: 0, failed: 0 };
  readonly #checkErrors: Record<CheckStep, number> = { pull: 0, id: 0, registry: 0 };
  #state: AppState = "starting";
  readonly #containerDeaths = { false: 0, true: 0 };
  #crashes = 0;
  #countedCheck: LastCheck | null = null;
  #lastCheckSuccessAt = 0;
  #lastRollSuccessAt: number;

  constructor(sources: RollMetricsSources) {
    this.#sources = sources;
    this.#lastRollSuccessAt = sources.lastRollSuccessAt;
  }

  /** Takes one event; neither throws nor waits. */
  observe(event: RollEvent): void {
    switch (event.type) {
      case "state":
        this.#state = event.state;
        break;
      case "instance.exited":
        this.#crashes++;
        break;
      case "container.died":
        this.#containerDeaths[event.outOfMemory ? "true" : "false"]++;
        break;
      case "check.started":
        this.#countCheck();
        break;
      case "check.failed":
        this.#checkErrors[event.step]++;
        break;
      case "roll.phase_ended":
        this.#phases.get(event.phase.name)?.observe(event.phase.durationMs / 1000);
        break;
      case "roll.succeeded":
        this.#lastRollSuccessAt = this.#sources.date();
        this.#rolls.succeeded++;
        break;
      case "roll.failed":
        this.#rolls.failed++;
        break;
      case "roll.rolled_back":
        this.#rolls.rolled_back++;
        break;
      case "roll.interrupted":
        this.#rolls.interrupted++;
        break;
      case "roll.skipped":
        this.#rolls.skipped++;
    }
  }

  /** A picture of this moment. */
  counts(): RollCounts {
    this.#countCheck();
    return {
      state: this.#state,
      rolls: { ...this.#rolls },
      phases: [...this.#phases].map(([phase, of]) => ({ phase, histogram: of.picture() })),
      crashes: this.#crashes,
      containerDeaths: { ...this.#containerDeaths },
      checks: { ...this.#checks },
      checkErrors: { ...this.#checkErrors },
      lastCheckSuccessAt: this.#lastCheckSuccessAt,
      lastRollSuccessAt: this.#lastRollSuccessAt,
    };
  }

  /** Not every outcome is told: a forced check finds what runs already, and rolls in silence. */
  #countCheck(): void {
    const last = this.#sources.lastCheck();
    if (last === null || last === this.#countedCheck) return;
    this.#countedCheck = last;
    const { at, result: { outcome } } = last;
    this.#checks[outcome === "waits" ? "waiting" : outcome]++;
    if (outcome !== "failed") this.#lastCheckSuccessAt = at;
  }
}
