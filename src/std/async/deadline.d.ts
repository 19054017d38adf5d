/** Rejects with a `DOMException` named `TimeoutError` when `p` takes longer than `ms`. */
export function deadline<T>(
  p: Promise<T>,
  ms: number,
  options?: { signal?: AbortSignal },
): Promise<T>;
