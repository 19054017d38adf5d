import { ConnectionLostError, NoAnswerError, NotRunningError } from "../control/client/errors.ts";
import type { Status } from "../control/operator.ts";
import { withDeadline } from "../platform/clock.ts";
import { formatDuration } from "../values/duration.ts";
import { EXIT } from "./exit_codes.ts";
import { printJson } from "./print/json.ts";
import type { Talk } from "./talk.ts";

const POLL_MS = 100;

/** How an upgrade can end; `degraded`: who took over could not take up what served. */
type UpgradeEnd = "upgraded" | "degraded" | "failed" | "timed_out";

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
  const successor: Successor = { pid, lives, last: null, serves: before.current !== null };
  const end: UpgradeEnd = await withDeadline(
    io.clock,
    timeoutMs,
    never,
    (signal) => takesOver({ client, io }, successor, signal),
  );
  if (json) printJson(io, { outcome: end, from: before.pid, to: pid });
  if (end === "timed_out") {
    io.err(`liveroll: timed out after ${formatDuration(timeoutMs)}; ${stage(successor)}`);
    return EXIT.timedOut;
  }
  if (end === "failed") {
    io.err(`liveroll: pid ${pid} has ended, and pid ${before.pid} serves on; its log says why`);
    return EXIT.failed;
  }
  if (end === "degraded") {
    io.err(`liveroll: ${stage(successor)}`);
    return EXIT.failed;
  }
  if (!json) io.out(`pid ${pid} has taken over from pid ${before.pid}`);
  return EXIT.ok;
}

/** The process that is to take over. */
interface Successor {
  readonly pid: number;
  /** Something serves, which it has to take up. */
  readonly serves: boolean;
  lives(): boolean;
  /** What it has said last; null: it has not answered. */
  last: Status | null;
}

function stage({ pid, last }: Successor): string {
  if (last === null) return `pid ${pid} goes on to try`;
  return `pid ${pid} has taken over, and is ${last.state}: ${last.detail}`;
}

async function takesOver(
  { client, io }: Pick<Talk, "client" | "io">,
  successor: Successor,
  signal: AbortSignal,
): Promise<Exclude<UpgradeEnd, "timed_out">> {
  for (;;) {
    // Before the look, or one that answers and ends would seem to have failed.
    const isAlive = successor.lives();
    const status = await statusOf(client, signal);
    if (status?.pid === successor.pid) successor.last = status;
    const arrived = arrivalOf(successor);
    if (arrived !== null) return arrived;
    if (!isAlive) return "failed";
    await io.clock.sleep(POLL_MS, signal);
  }
}

/** Who answers looks at what runs first, for some milliseconds; before that, nothing is current. */
function arrivalOf({ last, serves }: Successor): "upgraded" | "degraded" | null {
  if (last === null) return null;
  if (!serves || last.current !== null) return "upgraded";
  return last.state === "degraded" ? "degraded" : null;
}

/** Null: for a moment, nobody answers. */
async function statusOf(client: Talk["client"], signal: AbortSignal): Promise<Status | null> {
  try {
    return await client.status({ signal });
  } catch (error) {
    signal.throwIfAborted();
    const isBetween = error instanceof NotRunningError || error instanceof ConnectionLostError ||
      error instanceof NoAnswerError;
    if (!isBetween) throw error;
    return null;
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
