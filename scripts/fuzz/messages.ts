import type { Failure } from "../../tests/fuzz/fuzz.ts";

/** What the fuzzing thread has to do. */
export interface FuzzOrder {
  /** Of the first case; the next ones count up. */
  seed: number;
  cases: number;
  seconds: number;
  /** Shared: the seed of the case that is being tried. */
  progress: Int32Array;
}

/** What came of it. */
export interface FuzzReport {
  cases: number;
  ms: number;
  /** The slowest case. */
  longestMs: number;
  /** How often what was decided. */
  verdicts: Record<string, number>;
  /** One for each kind of mistake. */
  failures: Failure[];
}
