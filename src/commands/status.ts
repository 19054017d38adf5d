import type { HistoryEntry, Status } from "../control/operator.ts";
import { NotRunningError } from "../control/client/errors.ts";
import { EXIT } from "./exit_codes.ts";
import { printJson, printJsonLine } from "./print/json.ts";
import { paintFor } from "./print/paint.ts";
import { rollLine, statusText } from "./print/status_text.ts";
import { recordsOf } from "./records.ts";
import { complain, type Talk } from "./talk.ts";

const LAST_ROLLS = 3;
const REDRAW_MS = 1_000;

/** `liveroll status`: what runs, what waits and why. */
export async function status(talk: Talk, { watch }: { watch: boolean }): Promise<number> {
  if (watch) return await watchStatus(talk);
  try {
    const status = await talk.client.status();
    if (talk.json) printJson(talk.io, status);
    else print(await linesOf(status, talk), talk);
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof NotRunningError)) throw error;
    return await stopped(error, talk);
  }
}

/** Tells what ran last. */
async function stopped(error: NotRunningError, talk: Talk): Promise<number> {
  using records = await recordsOf(talk);
  const [last] = records?.history({ limit: 1 }) ?? [];
  if (!talk.json) {
    const exit = complain(error, talk);
    if (last !== undefined) print(lastLines(last, talk), talk);
    return exit;
  }
  const exit = complain(error, { ...talk, json: false });
  const stateDir = talk.place.stateDir;
  printJson(talk.io, { state: "stopped", stateDir, lastRoll: last ?? null });
  return exit;
}

function lastLines(last: HistoryEntry, { io }: Talk): string[] {
  return [`last roll  ${rollLine(last, io.date())}`];
}

/** On a terminal the picture is drawn anew every second, otherwise whenever something changes. */
async function watchStatus(talk: Talk): Promise<number> {
  const { io, client, json } = talk;
  let drawn: string[] = [];
  let last = "";
  for (;;) {
    const status = await client.status();
    const gist = gistOf(status);
    if (json) {
      if (gist !== last) printJsonLine(io, status);
    } else if (io.stdout.isTerminal) {
      drawn = redraw(drawn, await linesOf(status, talk), talk);
    } else if (gist !== last) {
      if (last !== "") io.out("");
      print(await linesOf(status, talk), talk);
    }
    last = gist;
    await io.clock.sleep(REDRAW_MS);
  }
}

/** What must differ for a change; counters and clocks always do. */
function gistOf(status: Status): string {
  const { requests: _, uptimeSeconds: __, lastCheck, nextCheckAt: ___, ...rest } = status;
  return JSON.stringify({ ...rest, lastCheck: lastCheck && { ...lastCheck, at: "" } });
}

async function linesOf(status: Status, { io, client }: Talk): Promise<string[]> {
  const rolls = await client.history(LAST_ROLLS);
  return statusText(status, rolls, {
    paint: paintFor(io, io.stdout),
    columns: io.stdout.columns(),
    now: io.date(),
  });
}

/** What is taller than the terminal could not be drawn over. */
function redraw(before: readonly string[], all: string[], { io }: Talk): string[] {
  const lines = all.slice(0, Math.max(1, io.stdout.rows() - 1));
  const up = before.length === 0 ? "" : `\x1b[${before.length}A`;
  io.stdout.write(`${up}\r\x1b[J${lines.join("\n")}\n`);
  return lines;
}

function print(lines: readonly string[], { io }: Talk): void {
  for (const line of lines) io.out(line);
}
