import { ConnectionLostError, NoAnswerError, NotRunningError } from "../control/client/errors.ts";
import { withDeadline } from "../platform/clock.ts";
import { formatDuration } from "../values/duration.ts";
import { EXIT } from "./exit_codes.ts";
import { printJson } from "./print/json.ts";
import type { Talk } from "./talk.ts";

const POLL_MS = 100;

/** How an upgrade can end. */
type UpgradeEnd = "upgraded" | "failed" | "timed_out";

/** What was asked for. */
export interface UpgradeOptions {
  /** Absolute path of the new program; null: what lies in the place of the running one. */
  binary: string | null;
  timeoutMs: number;
}

/** `liveroll upgrade`: another liveroll takes the place of the running one. */
export async function upgrade(
  { io, json, client, place }: Talk,
  { binary, timeoutMs }: UpgradeOptions,
): Promise<number> {
  const before = await client.status();
  const pid = await client.upgrade(binary);
  // Elsewhere, nobody can see from here whether it has ended.
  const lives = place.stateDir === null ? () => true : () => isAlive(pid);
  const never = new AbortController().signal;
  const end: UpgradeEnd = await withDeadline(
    io.clock,
    timeoutMs,
    never,
    (signal) => takesOver({ client, io }, pid, lives, signal),
  );
  if (json) printJson(io, { outcome: end, from: before.pid, to: pid });
  if (end === "timed_out") {
    io.err(`liveroll: timed out after ${formatDuration(timeoutMs)}; pid ${pid} goes on to try`);
    return EXIT.timedOut;
  }
  if (end === "failed") {
    io.err(`liveroll: pid ${pid} has ended, and pid ${before.pid} serves on; its log says why`);
    return EXIT.failed;
  }
  if (!json) io.out(`pid ${pid} has taken over from pid ${before.pid}`);
  return EXIT.ok;
}

async function takesOver(
  { client, io }: Pick<Talk, "client" | "io">,
  pid: number,
  lives: () => boolean,
  signal: AbortSignal,
): Promise<"upgraded" | "failed"> {
  for (;;) {
    // Before the look, or one that answers and ends would seem to have failed.
    const isAlive = lives();
    if (await answers(client, pid, signal)) return "upgraded";
    if (!isAlive) return "failed";
    await io.clock.sleep(POLL_MS, signal);
  }
}

/** Whether it is this process that answers; for a moment, nobody does. */
async function answers(
  client: Talk["client"],
  pid: number,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    return (await client.status({ signal })).pid === pid;
  } catch (error) {
    signal.throwIfAborted();
    const isBetween = error instanceof NotRunningError || error instanceof ConnectionLostError ||
      error instanceof NoAnswerError;
    if (!isBetween) throw error;
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    Deno.statSync(`/proc/${pid}`);
    return true;
  } catch {
    return false;
  }
}
