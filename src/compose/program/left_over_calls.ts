import { poll } from "../../platform/poll.ts";
import { processesWithVariable } from "../../platform/proc.ts";

/** In the environment of every call, and of whatever else must not work on after our end: whose. */
export const CALL_VARIABLE = "LIVEROLL_COMPOSE";

/** What compose has begun is best brought to its end. */
const GRACE_MS = 10_000;

/** Waiting for a process that was killed. */
const KILL_MS = 2_000;

/** How calls are waited for. */
export interface LeftOverOptions {
  /** Told before there is a wait: how many processes there are. */
  onLeft?(count: number): void;
  /** @default {10 seconds} */
  readonly graceMs?: number;
}

/**
 * Waits for calls of compose that a former life of ours has left behind: two of them at work on one
 * stack would take it apart. So would two that fill the same volume. One that takes too long is
 * killed. Never rejects.
 *
 * @param mark What they were marked with.
 */
export async function endLeftOverCalls(
  mark: string,
  { onLeft, graceMs = GRACE_MS }: LeftOverOptions = {},
): Promise<void> {
  const find = () => processesWithVariable(CALL_VARIABLE, mark);
  const isOver = async () => (await find()).length === 0;
  const left = await find();
  if (left.length === 0) return;
  onLeft?.(left.length);
  if (await poll(isOver, { timeoutMs: graceMs })) return;
  for (const pid of await find()) kill(pid);
  await poll(isOver, { timeoutMs: KILL_MS });
}

function kill(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}
