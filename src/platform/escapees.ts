import { poll } from "./poll.ts";
import { hasVariable, processesWithVariable } from "./proc.ts";

/** Carries the token by which descendants are found again; see {@linkcode sweepEscapees}. */
export const INSTANCE_VARIABLE = "LIVEROLL_INSTANCE";

const ROUNDS = 3;
const KILL_WAIT_MS = 2_000;

/** What a sweep took. */
export type SweepOutcome = "none" | "stopped" | "killed" | "survived";

/** How gently a sweep goes. */
export interface SweepOptions {
  /** Time between TERM and KILL, in milliseconds. */
  graceMs: number;
  /** Ends the grace at once. */
  force?: AbortSignal | undefined;
}

/**
 * Ends the processes that left their group and session ("daemonised") but still carry `token` in
 * the environment they were started with.
 *
 * A process that is meant to outlive its instance unsets `LIVEROLL_INSTANCE` before it starts.
 * Finds nothing where there is no `/proc`, and no process that overwrote its environment.
 */
export async function sweepEscapees(
  token: string,
  { graceMs, force }: SweepOptions,
): Promise<SweepOutcome> {
  let found = false;
  let killed = false;
  // An escapee may start another one while it is being ended.
  for (let round = 0; round < ROUNDS; round++) {
    const pids = await processesWithVariable(INSTANCE_VARIABLE, token);
    if (pids.length === 0) break;
    found = true;
    if (await end(pids, token, { graceMs: round === 0 ? graceMs : 0, force })) killed = true;
  }
  if (!found) return "none";
  const left = await processesWithVariable(INSTANCE_VARIABLE, token);
  if (left.length > 0) return "survived";
  return killed ? "killed" : "stopped";
}

/** @returns Whether it took a KILL. */
async function end(
  pids: readonly number[],
  token: string,
  { graceMs, force }: SweepOptions,
): Promise<boolean> {
  const gone = async () => {
    const alive = await Promise.all(pids.map((pid) => hasVariable(pid, INSTANCE_VARIABLE, token)));
    return !alive.includes(true);
  };
  for (const pid of pids) signalProcess(pid, "SIGTERM");
  if (await poll(gone, { timeoutMs: graceMs, signal: force })) return false;
  for (const pid of pids) {
    if (await hasVariable(pid, INSTANCE_VARIABLE, token)) signalProcess(pid, "SIGKILL");
  }
  await poll(gone, { timeoutMs: KILL_WAIT_MS });
  return true;
}

function signalProcess(pid: number, signal: Deno.Signal): void {
  try {
    Deno.kill(pid, signal);
  } catch {
    // It went by itself, or belongs to another user; the next look tells.
  }
}
