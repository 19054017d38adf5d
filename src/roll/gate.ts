import { type Clock, withDeadline } from "../platform/clock.ts";

/** Shortest pause between probes. */
const LEAST_PAUSE_MS = 10;

/** Pauses grow with the time already spent, by this share: no start is made longer by much more. */
const PAUSE_SHARE = 0.25;

/** What the gate needs to know of an instance: whether it is still there. */
export interface Living {
  /** Not null from the moment it has ended. */
  readonly exit: unknown;
  readonly exited: Promise<unknown>;
}

/** One health probe of the instance in the gate; never rejects, ends when the signal aborts. */
export type GateProbe = (
  signal: AbortSignal,
) => Promise<{ healthy: true } | { healthy: false; detail: string }>;

/** How hard the proof is. */
export interface GateOptions {
  /** Time for the whole proof. */
  healthTimeoutMs: number;
  /**
   * Longest pause between two probes. The first pauses are shorter, a quarter of the time since the
   * start: an application that starts in 80 ms is not made to wait for 250.
   */
  healthIntervalMs: number;
  /** Time for one probe; a slower answer counts as unhealthy. */
  healthProbeTimeoutMs: number;
  /** Healthy answers needed in a row. */
  healthSuccesses: number;
}

/** The verdict; `timed_out` carries the last reason for being unhealthy. */
export type GateResult =
  | { outcome: "healthy" }
  | { outcome: "exited" }
  | { outcome: "timed_out"; detail: string };

/**
 * Proves that an instance is good: `healthSuccesses` healthy probes in a row before the deadline.
 * An instance that exits fails at once, whatever a probe may have heard: somebody else could be
 * answering on its port.
 *
 * @throws The reason of `signal`, when it aborts.
 */
export async function gate(
  living: Living,
  probe: GateProbe,
  clock: Clock,
  options: GateOptions,
  signal: AbortSignal,
  onUnhealthy: (detail: string) => void = () => {},
): Promise<GateResult> {
  const gone = new AbortController();
  living.exited.then(() => gone.abort());
  const ends = AbortSignal.any([signal, gone.signal]);
  let lastDetail = "no probe was answered";
  const note = (detail: string) => {
    lastDetail = detail;
    onUnhealthy(detail);
  };
  try {
    const verdict = await withDeadline(
      clock,
      options.healthTimeoutMs,
      ends,
      (s) => probeUntilHealthy(probe, clock, options, s, note),
    );
    if (living.exit !== null) return { outcome: "exited" };
    return verdict === "timed_out"
      ? { outcome: "timed_out", detail: lastDetail }
      : { outcome: "healthy" };
  } catch (error) {
    signal.throwIfAborted();
    if (gone.signal.aborted) return { outcome: "exited" };
    throw error;
  }
}

async function probeUntilHealthy(
  probe: GateProbe,
  clock: Clock,
  options: GateOptions,
  signal: AbortSignal,
  onUnhealthy: (detail: string) => void,
): Promise<"healthy"> {
  let inARow = 0;
  const began = clock.now();
  for (;;) {
    const result = await withDeadline(clock, options.healthProbeTimeoutMs, signal, probe);
    if (result === "timed_out") {
      inARow = 0;
      onUnhealthy(`no answer within ${options.healthProbeTimeoutMs} ms`);
    } else if (!result.healthy) {
      inARow = 0;
      onUnhealthy(result.detail);
    } else if (++inARow >= options.healthSuccesses) {
      return "healthy";
    }
    const pauseMs = Math.max(LEAST_PAUSE_MS, (clock.now() - began) * PAUSE_SHARE);
    await clock.sleep(Math.min(pauseMs, options.healthIntervalMs), signal);
  }
}
