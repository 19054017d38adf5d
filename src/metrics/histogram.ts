import type { HistogramPicture } from "./metric.ts";

/** Counts observations in fixed buckets. */
export class Histogram {
  readonly #bounds: readonly number[];
  readonly #buckets: number[];
  #sum = 0;
  #count = 0;

  /** @param bounds Upper bounds, ascending; what is above the last one is counted, too. */
  constructor(bounds: readonly number[]) {
    this.#bounds = [...bounds, Infinity];
    this.#buckets = this.#bounds.map(() => 0);
  }

  /** Takes one observation. */
  observe(value: number): void {
    const bucket = this.#bounds.findIndex((bound) => value <= bound);
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
    this.#sum += value;
    this.#count++;
  }

  /** A picture of this moment. */
  picture(): HistogramPicture {
    return {
      bounds: this.#bounds,
      buckets: [...this.#buckets],
      sum: this.#sum,
      count: this.#count,
    };
  }
}
