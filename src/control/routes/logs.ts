import type { OutputLine } from "../operator.ts";
import { Problem } from "../problem.ts";
import { flagOf, limitOf, numberOf } from "../query.ts";
import type { Call } from "../route.ts";

const TYPE = { "content-type": "application/x-ndjson" };

/** An empty line means nothing; it only shows that the reader is still there. */
const BEAT_MS = 15_000;

/** Answers what instances printed, one JSON object a line. */
export function logs(call: Call): Response {
  return lines(call, null);
}

/** Answers what the instances of one roll printed. */
export function rollLogs(call: Call): Response {
  const id = numberOf(call);
  if (!call.operator.roll(id)) throw new Problem("not_found", `There is no roll ${id}`);
  return lines(call, id);
}

function lines(call: Call, roll: number | null): Response {
  const limit = limitOf(call, { default: 100, max: 10_000 });
  const follow = flagOf(call, "follow");
  const text = call.operator.output({ roll, limit }).map(asLine).join("");
  return follow ? following(call, roll, text) : new Response(text, { headers: TYPE });
}

function following(
  { operator, streams, clock }: Call,
  roll: number | null,
  text: string,
): Response {
  const stream = streams.open();
  // No line can come in between: nothing has been waited for since the lines of before.
  stream.begin(text);
  const listener = operator.onOutput((line) => {
    if (roll === null || line.roll === roll) stream.send(asLine(line));
  });
  stream.closed.addEventListener("abort", () => listener[Symbol.dispose](), { once: true });
  stream.beat(clock, BEAT_MS, "\n");
  return new Response(stream.body, { headers: { ...TYPE, "x-accel-buffering": "no" } });
}

function asLine(line: OutputLine): string {
  return JSON.stringify(line) + "\n";
}
