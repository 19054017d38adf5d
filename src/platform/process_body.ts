import { INSTANCE_VARIABLE, sweepEscapees } from "./escapees.ts";
import { pause, poll } from "./poll.ts";
import { hasVariable, processKin } from "./proc.ts";

const KILL_WAIT_MS = 5_000;
const LEAST_SWEEP_GRACE_MS = 1_000;

/** How a process ended. */
export interface ProcessExit {
  /** Exit status, 128 + signal number when a signal ended it; -1: not known, not our child. */
  code: number;
  /** For example `SIGKILL`; null for a normal exit, and when it is not known. */
  signal: string | null;
}

/** What ending a group took. */
export type TerminateOutcome = "already_gone" | "stopped" | "killed" | "survived";

/** How a group is ended. */
export interface TerminateOptions {
  /** Sent first; null: somebody else has already asked. */
  signal: Deno.Signal | null;
  /** Time until KILL, in milliseconds. */
  timeoutMs: number;
  /** Ends the waiting: KILL at once. */
  force?: AbortSignal;
  /** Whether to end daemonised descendants too. @default {true} */
  sweep?: boolean;
}

/** Processes that belong together, and the one among them whose end is the end. */
export interface ProcessBody {
  /** The id of the leader. */
  readonly pid: number;
  /** Set as soon as the end of the leader is known. */
  readonly exit: ProcessExit | null;
  /** Resolves when the leader has ended; never rejects. Others of the group may still run. */
  readonly exited: Promise<ProcessExit>;
  /** Null: somebody else has it, or nobody. */
  readonly stdout: ReadableStream<Uint8Array> | null;
  readonly stderr: ReadableStream<Uint8Array> | null;
  /** Sends `signal` to every process of the group, if there still is one. */
  signalGroup(signal: Deno.Signal): void;
  /** Whether no process of the group runs any more; zombies do not count as running. */
  isGone(): Promise<boolean>;
  /** Whether `pid` belongs to it. */
  includes(pid: number): Promise<boolean>;
  /**
   * Asks the group to end, waits for all of it, kills what is left, and ends the descendants that
   * left the group. Always ends; never rejects.
   */
  terminate(options: TerminateOptions): Promise<TerminateOutcome>;
  /** Watches it no more: what has not ended by now is not told. */
  release(): void;
}

/** See {@linkcode ProcessBody.terminate}; the descendants carry `token`. */
export async function terminateGroup(
  group: Pick<ProcessBody, "exit" | "exited" | "signalGroup" | "isGone">,
  token: string,
  { signal, timeoutMs, force, sweep = true }: TerminateOptions,
): Promise<TerminateOutcome> {
  const start = performance.now();
  const wasGone = await group.isGone();
  if (signal !== null) {
    group.signalGroup(signal);
    // A stopped process hears nothing but KILL until it is continued.
    group.signalGroup("SIGCONT");
  }
  const obeyed = await waitUntilGone(group, timeoutMs, force);
  if (!obeyed) group.signalGroup("SIGKILL");
  if (!obeyed && !await waitUntilGone(group, KILL_WAIT_MS)) return "survived";
  const leftMs = timeoutMs - (performance.now() - start);
  const swept = sweep
    ? await sweepEscapees(token, { graceMs: Math.max(leftMs, LEAST_SWEEP_GRACE_MS), force })
    : "none";
  if (swept === "survived") return "survived";
  if (!obeyed || swept === "killed") return "killed";
  return wasGone && swept === "none" ? "already_gone" : "stopped";
}

/** Whether `pid` carries `token`, or is of the group or descends from one who is. */
export async function belongsTo(
  pid: number,
  { group, token }: { group: number | null; token: string },
): Promise<boolean> {
  if (await hasVariable(pid, INSTANCE_VARIABLE, token)) return true;
  for (let at = pid; group !== null && at > 1;) {
    const kin = await processKin(at);
    if (kin === null) return false;
    if (kin.group === group) return true;
    at = kin.parent;
  }
  return false;
}

async function waitUntilGone(
  group: Pick<ProcessBody, "exit" | "exited" | "isGone">,
  timeoutMs: number,
  force?: AbortSignal,
): Promise<boolean> {
  const start = performance.now();
  await waitForLeader(group, timeoutMs, force);
  const leftMs = Math.max(timeoutMs - (performance.now() - start), 0);
  return await poll(() => group.isGone(), { timeoutMs: leftMs, signal: force });
}

async function waitForLeader(
  { exit, exited }: Pick<ProcessBody, "exit" | "exited">,
  timeoutMs: number,
  force?: AbortSignal,
): Promise<void> {
  if (exit !== null || force?.aborted) return;
  const over = new AbortController();
  const signal = force ? AbortSignal.any([over.signal, force]) : over.signal;
  await Promise.race([exited, pause(timeoutMs, signal)]);
  over.abort();
}
