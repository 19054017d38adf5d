import { delay } from "@std/async/delay";

/** Time as an effect, so that a simulator can own it. */
export interface Clock {
  /** Monotonic milliseconds; only differences mean anything. */
  now(): number;
  /**
   * Resolves after `ms` milliseconds.
   *
   * @throws The signal's reason, as soon as it aborts.
   */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) => delay(ms, signal ? { signal } : {}),
};

/**
 * Runs `work` with a signal that aborts when `ms` milliseconds have passed or when `signal` aborts.
 *
 * @returns What `work` returned, or `"timed_out"` when the time was up. A `work` that ignores its
 * signal is left behind, not awaited: every wait has an end.
 * @throws What `work` threw, or the reason of `signal`.
 */
export async function withDeadline<T>(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | "timed_out"> {
  signal.throwIfAborted();
  const abandon = new AbortController();
  const timer = new AbortController();
  const onAbort = () => timer.abort(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  const timeUp = clock.sleep(ms, timer.signal).then(() => "timed_out" as const);
  let result: Promise<T> | undefined;
  try {
    result = work(abandon.signal);
    return await Promise.race([result, timeUp]);
  } finally {
    signal.removeEventListener("abort", onAbort);
    timer.abort();
    abandon.abort(signal.aborted ? signal.reason : new DOMException("Deadline", "TimeoutError"));
    result?.catch(() => {});
    timeUp.catch(() => {});
  }
}
