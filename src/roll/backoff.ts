/** Bounds of an exponential back-off. */
export interface BackoffOptions {
  /** Wait after the first failure. */
  baseMs: number;
  /** Longest wait. */
  maxMs: number;
}

/** Wait after the `failures`-th failure in a row (1 or more): base, 2·base, 4·base … up to the cap. */
export function backoffMs(failures: number, { baseMs, maxMs }: BackoffOptions): number {
  return Math.min(maxMs, baseMs * 2 ** Math.min(failures - 1, 30));
}
