import { delay } from "@std/async/delay";

const FIRST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 50;

/** How long {@linkcode poll} goes on. */
export interface PollOptions {
  timeoutMs: number;
  /** Ends the polling early; the answer is then that of one last check. */
  signal?: AbortSignal | undefined;
}

/**
 * Repeats `check` with growing pauses until it says yes.
 *
 * @returns Whether it did; it is asked at least once, and once more when the time is up.
 */
export async function poll(
  check: () => boolean | Promise<boolean>,
  { timeoutMs, signal }: PollOptions,
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  for (let pauseMs = FIRST_PAUSE_MS;; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    if (await check()) return true;
    const leftMs = deadline - performance.now();
    if (leftMs <= 0 || signal?.aborted) return false;
    await pause(Math.min(pauseMs, leftMs), signal);
  }
}

/** Resolves after `ms`, or as soon as `signal` aborts. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await delay(ms, signal ? { signal } : {}).catch(() => {});
}
