import type { OutputLine } from "../control/operator.ts";
import { EXIT } from "./exit_codes.ts";
import { printable } from "./print/cell.ts";
import { printJsonLine } from "./print/json.ts";
import { type Paint, paintFor } from "./print/paint.ts";
import type { Talk } from "./talk.ts";

/** What `liveroll logs` is to show. */
export interface LogsOptions {
  /** Null: of all rolls. */
  roll: number | null;
  limit: number;
  follow: boolean;
}

/** `liveroll logs`: what the application printed; with `follow` until liveroll stops. */
export async function logs(talk: Talk, options: LogsOptions): Promise<number> {
  const { io, client, json } = talk;
  const paint = paintFor(io, io.stdout);
  const { signal } = new AbortController();
  const lines = options.follow
    ? await client.follow(options, signal)
    : await client.output(options, signal);
  for await (const line of lines) {
    if (json) printJsonLine(io, line);
    else io.out(textOf(line, paint));
  }
  return EXIT.ok;
}

function textOf({ at, id, port, stream, line }: OutputLine, paint: Paint): string {
  const speaker = printable(`${at} ${id}@${port}`);
  const text = printable(line);
  return `${paint.dim(`${speaker} |`)} ${stream === "stderr" ? paint.yellow(text) : text}`;
}
