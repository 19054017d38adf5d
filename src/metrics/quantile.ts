import type { HistogramPicture } from "./metric.ts";

/**
 * The value that a share `q` of the observations did not exceed, as Prometheus estimates it: evenly
 * spread within its bucket; above the last bound that bound. Null without observations.
 */
export function quantile(
  q: number,
  { bounds, buckets }: Pick<HistogramPicture, "bounds" | "buckets">,
): number | null {
  const count = buckets.reduce((sum, bucket) => sum + bucket, 0);
  if (count === 0) return null;
  const rank = q * count;
  let below = 0;
  let lower = 0;
  for (const [index, bound] of bounds.entries()) {
    const inside = buckets[index] ?? 0;
    if (below + inside >= rank && inside > 0) {
      return bound === Infinity ? lower : lower + (bound - lower) * (rank - below) / inside;
    }
    below += inside;
    lower = bound;
  }
  return lower;
}
