import { ConnectionLostError, NoAnswerError, NotRunningError } from "../control/client/errors.ts";
import { withDeadline } from "../platform/clock.ts";
import { formatDuration } from "../values/duration.ts";
import { EXIT } from "./exit_codes.ts";
import { printJson } from "./print/json.ts";
import { NO_PROGRESS, type Progress, progressFor } from "./progress.ts";
import type { Talk } from "./talk.ts";

const POLL_MS = 250;

/** What has become of a liveroll that was told to stop. */
type StopEnd = "stopped" | "started_again" | "stopping";

/** `liveroll stop`: asks it to stop in order, and waits until it has. */
export async function stop(talk: Talk, { timeoutMs }: { timeoutMs: number }): Promise<number> {
  const { io, json } = talk;
  const progress = json ? NO_PROGRESS : progressFor(io);
  const detach = new AbortController();
  const { pid } = await talk.client.status();
  await talk.client.stop();
  using _ = io.onInterrupt(() => detach.abort());
  let end: StopEnd | "timed_out" | "detached";
  try {
    end = await withDeadline(
      io.clock,
      timeoutMs,
      detach.signal,
      (signal) => gone(talk, pid, progress, signal),
    );
  } catch (error) {
    if (!detach.signal.aborted) throw error;
    end = "detached";
  } finally {
    progress.end();
  }
  if (json) printJson(io, { state: isOver(end) ? "stopped" : "stopping", pid, outcome: end });
  return tell(end, talk, pid, timeoutMs);
}

function isOver(end: string): boolean {
  return end === "stopped" || end === "started_again";
}

async function gone(
  { client, io }: Talk,
  pid: number,
  progress: Progress,
  signal: AbortSignal,
): Promise<StopEnd> {
  for (;;) {
    try {
      const status = await client.status({ signal });
      if (status.pid !== pid) return "started_again";
      progress.status(status);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof NotRunningError) return "stopped";
      const isBroken = error instanceof ConnectionLostError || error instanceof NoAnswerError;
      if (!isBroken) throw error;
    }
    await io.clock.sleep(POLL_MS, signal);
  }
}

function tell(
  end: StopEnd | "timed_out" | "detached",
  { io, json }: Talk,
  pid: number,
  timeoutMs: number,
): number {
  switch (end) {
    case "timed_out":
      io.err(`liveroll: timed out after ${formatDuration(timeoutMs)}; it goes on to stop`);
      return EXIT.timedOut;
    case "detached":
      io.err("detached, it goes on to stop: liveroll status");
      return EXIT.detached;
    case "started_again":
      io.err(
        `liveroll: pid ${pid} has stopped, but something started it again: the service manager?`,
      );
      return EXIT.failed;
    default:
      if (!json) io.out(`stopped (pid ${pid})`);
      return EXIT.ok;
  }
}
