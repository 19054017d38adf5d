/** Upper bounds in seconds, as Prometheus' clients have them by default; the last one is +Inf. */
export const DURATION_BOUNDS = [
  0.005,
  0.01,
  0.025,
  0.05,
  0.1,
  0.25,
  0.5,
  1,
  2.5,
  5,
  10,
  Infinity,
] as const;

/** A picture of a histogram at one moment. */
export interface DurationsSnapshot {
  /** How many were in each bucket of {@linkcode DURATION_BOUNDS}, not cumulated. */
  readonly buckets: readonly number[];
  readonly sumSeconds: number;
  readonly count: number;
}

/** Counts durations in fixed buckets; nothing is allocated for an observation. */
export class DurationHistogram {
  readonly #buckets = new Float64Array(DURATION_BOUNDS.length);
  #sumMs = 0;
  #count = 0;

  /** @param ms Milliseconds. */
  observe(ms: number): void {
    let bucket = 0;
    while (ms > (DURATION_BOUNDS[bucket] as number) * 1000) bucket++;
    (this.#buckets[bucket] as number)++;
    this.#sumMs += ms;
    this.#count++;
  }

  snapshot(): DurationsSnapshot {
    return { buckets: [...this.#buckets], sumSeconds: this.#sumMs / 1000, count: this.#count };
  }
}
