import type { LoggedEvent } from "../roll/logged_event.ts";
import { EXIT } from "./exit_codes.ts";
import { orRecords } from "./or_records.ts";
import { printable } from "./print/cell.ts";
import { levelColor } from "./print/event_line.ts";
import { printJson } from "./print/json.ts";
import { type Paint, paintFor } from "./print/paint.ts";
import { localTime } from "./print/time.ts";
import type { Talk } from "./talk.ts";

/** `liveroll why`: what was seen and decided, the newest at the bottom. */
export async function why(talk: Talk, { limit }: { limit: number }): Promise<number> {
  const { io, json } = talk;
  const decisions = await orRecords(
    talk,
    (client) => client.decisions(limit),
    (records) => records.decisions({ limit }),
  );
  const paint = paintFor(io, io.stdout);
  if (json) printJson(io, decisions);
  else if (decisions.length === 0) io.out("nothing was decided yet");
  else for (const decision of decisions) io.out(wholeText(decision, paint));
  return EXIT.ok;
}

/** Reasons are not cut short; what an instance printed stands below. */
function wholeText({ at, level, message }: LoggedEvent, paint: Paint): string {
  const time = printable(localTime(at));
  const [head = "", ...more] = message.split("\n").map(printable);
  return [
    `${paint.dim(time)}  ${levelColor(level, paint)(head)}`,
    ...more.map((line) => `    ${line}`),
  ].join("\n");
}
