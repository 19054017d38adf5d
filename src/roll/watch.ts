import { type Clock, withDeadline } from "../platform/clock.ts";
import type { Probe } from "./effects.ts";
import type { Instance } from "./instance.ts";

/** How an instance that serves is watched. Times are milliseconds. */
export interface WatchOptions {
  intervalMs: number;
  probeTimeoutMs: number;
  /** So many bad answers in a row are a failure; one is a blip. */
  threshold: number;
}

/** Told of what a watch sees; must not throw. */
export interface WatchListener {
  /** The threshold was reached; told once, until it is well again. */
  onUnhealthy(failures: number, detail: string): void;
  /** It is well after having been unhealthy. */
  onRecovered?(): void;
}

/**
 * Probes an instance that serves until `signal` aborts or it exits. Never rejects.
 */
export async function watch(
  instance: Instance,
  probe: Probe,
  clock: Clock,
  options: WatchOptions,
  listener: WatchListener,
  signal: AbortSignal,
): Promise<void> {
  const gone = new AbortController();
  instance.exited.then(() => gone.abort());
  const ends = AbortSignal.any([signal, gone.signal]);
  let failures = 0;
  try {
    for (;;) {
      await clock.sleep(options.intervalMs, ends);
      const problem = await ask(instance, probe, clock, options.probeTimeoutMs, ends);
      if (problem === null) {
        if (failures >= options.threshold) listener.onRecovered?.();
        failures = 0;
      } else if ((instance.excuse ?? null) !== null) {
        // What it runs on has failed: nobody knows what it is like itself.
        continue;
      } else if (++failures === options.threshold) {
        listener.onUnhealthy(failures, problem);
      }
    }
  } catch {
    // Only the end of the watch, or of the instance, gets here.
  }
}

/** @returns What is wrong, or null. */
async function ask(
  instance: Instance,
  probe: Probe,
  clock: Clock,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<string | null> {
  const result = await withDeadline(clock, timeoutMs, signal, (s) => probe(instance, s));
  if (result === "timed_out") return `no answer within ${timeoutMs} ms`;
  return result.healthy ? null : result.detail;
}
