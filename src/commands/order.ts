import { awaitRequest, type Onlooker, type WaitEnd } from "../control/client/await_request.ts";
import type { CommandOrder } from "../control/client/control_client.ts";
import { EventFeed } from "../control/client/event_feed.ts";
import type { HistoryEntry, RequestStatus, RollDetails } from "../control/operator.ts";
import type { LoggedEvent } from "../roll/logged_event.ts";
import { formatDuration } from "../values/duration.ts";
import { EXIT } from "./exit_codes.ts";
import { printJson } from "./print/json.ts";
import { summaryOf } from "./print/order_summary.ts";
import { NO_PROGRESS, type Progress, progressFor } from "./progress.ts";
import type { Talk } from "./talk.ts";

/** What a roll says that it was started by. */
const TRIGGER_OF: Record<CommandOrder["kind"], HistoryEntry["trigger"]> = {
  update: "command",
  rollback: "rollback",
  retry: "retry",
  pin: "pin",
};

/** What can be learned while one waits. */
interface Attention {
  progress: Progress;
  /** The version of each roll that was told of, by its number. */
  heard: Map<number, string>;
}

/** `liveroll update`, `rollback`, `retry` and `pin`: asks, waits for the end, and tells it. */
export async function order(
  talk: Talk,
  order: CommandOrder,
  { timeoutMs }: { timeoutMs: number },
): Promise<number> {
  const progress = talk.json ? NO_PROGRESS : progressFor(talk.io);
  const heard = new Map<number, string>();
  let end: WaitEnd;
  try {
    end = await give(talk, order, timeoutMs, { progress, heard });
  } finally {
    progress.end();
  }
  return await tell(talk, end, timeoutMs, heard);
}

async function give(
  { client, io }: Talk,
  order: CommandOrder,
  timeoutMs: number,
  { progress, heard }: Attention,
): Promise<WaitEnd> {
  const { pid, startedAt } = await client.status();
  const [newest] = await client.history(1);
  await using feed = new EventFeed();
  // What happens before the order is accepted may be somebody else's roll.
  const early: LoggedEvent[] = [];
  let hear = (event: LoggedEvent): void => {
    early.push(event);
  };
  await feed.listen(client, io.clock, (event) => hear(event));
  const request = await client.order(order);
  const detach = new AbortController();
  using _ = io.onInterrupt(() => detach.abort());
  hear = (event) => {
    if (event.event.type === "roll.started") heard.set(event.event.roll, event.event.to);
    progress.event(event);
  };
  for (const event of early) hear(event);
  return await awaitRequest(
    client,
    {
      request,
      life: { pid, startedAt },
      lastRoll: newest?.id ?? 0,
      trigger: TRIGGER_OF[order.kind],
    },
    feed,
    {
      clock: io.clock,
      timeoutMs,
      signal: detach.signal,
      onlooker: onlooker(progress),
    },
  );
}

function onlooker(progress: Progress): Onlooker {
  return {
    status: (status) => progress.status(status),
    broken: ({ message }) => progress.note(`${message}; waiting for liveroll to come back`),
  };
}

async function tell(
  talk: Talk,
  end: WaitEnd,
  timeoutMs: number,
  heard: Attention["heard"],
): Promise<number> {
  const { io, json } = talk;
  if (json) printJson(io, end.request);
  switch (end.kind) {
    case "detached":
      io.err("detached, the roll goes on: liveroll status");
      return EXIT.detached;
    case "timed_out":
      io.err(`liveroll: timed out after ${formatDuration(timeoutMs)}; it goes on: liveroll status`);
      return EXIT.timedOut;
    case "lost":
      io.err(`liveroll: what became of it is not known: ${end.detail}; see liveroll history`);
      return EXIT.failed;
    case "ended":
      if (!json) { for (const line of await linesOf(talk, end.request, heard)) io.out(line); }
      return exitOf(end.request);
  }
}

function exitOf({ outcome }: RequestStatus): number {
  return outcome === "succeeded" || outcome === "unchanged" ? EXIT.ok : EXIT.failed;
}

/** What happened is certain by now: what else can be had makes it a better sentence. */
async function linesOf(
  { client }: Talk,
  request: RequestStatus,
  heard: Attention["heard"],
): Promise<string[]> {
  const number = request.roll;
  const roll = number === null ? null : await rollOf(client, number);
  const serves = await client.status().then(({ current }) => current?.id ?? null, () => undefined);
  // Who told of the end may be gone before it is asked which version that was.
  const version = roll?.to ?? (number === null ? null : heard.get(number) ?? null);
  return summaryOf(request, { roll, version, serves });
}

async function rollOf(client: Talk["client"], id: number): Promise<RollDetails | null> {
  return await client.roll(id).catch(() => null);
}
