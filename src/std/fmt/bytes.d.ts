/** Human readable size, for example `1.34 MB` (`binary`: `1.28 MiB`). */
export function format(
  bytes: number,
  options?: { binary?: boolean; minimumFractionDigits?: number; maximumFractionDigits?: number },
): string;
