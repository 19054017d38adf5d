import type { LoggedEvent } from "../../roll/logged_event.ts";
import { printable, shorten } from "./cell.ts";
import type { Paint } from "./paint.ts";
import { localTime } from "./time.ts";

/** One event on one line of at most `columns` columns. */
export function eventLine({ at, level, message }: LoggedEvent, paint: Paint, columns: number) {
  const time = printable(localTime(at));
  const text = shorten(headOf(message), Math.max(columns - time.length - 2, 20));
  return `${paint.dim(time)}  ${levelColor(level, paint)(text)}`;
}

/** The colour of a level. */
export function levelColor(level: LoggedEvent["level"], paint: Paint): (text: string) => string {
  if (level === "error") return paint.red;
  if (level === "warn") return paint.yellow;
  return level === "debug" ? paint.dim : (text) => text;
}

/** What happened, without the lines that an instance printed. */
export function headOf(message: string): string {
  const [head = ""] = message.split("\n");
  return printable(head.replace(/\. Its last lines:$/, ""));
}
