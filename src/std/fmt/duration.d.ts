/** Human readable duration of `ms` milliseconds, for example `1m 30s`. */
export function format(
  ms: number,
  options?: { style?: "narrow" | "full" | "digital"; ignoreZero?: boolean },
): string;
