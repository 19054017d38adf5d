import type { PolicyOptions } from "./policy.ts";
import type { ProbationOptions } from "./probation.ts";
import type { RollOptions } from "./roll.ts";
import type { StageOptions } from "./stage.ts";

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
