/** Resolves after `ms`; rejects with the signal's reason when it aborts first. */
export function delay(
  ms: number,
  options?: { signal?: AbortSignal; persistent?: boolean },
): Promise<void>;
