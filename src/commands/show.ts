import { RefusedError } from "../control/client/errors.ts";
import type { RollDetails } from "../control/operator.ts";
import type { LoggedEvent } from "../roll/logged_event.ts";
import { EXIT } from "./exit_codes.ts";
import { orRecords } from "./or_records.ts";
import { columnsOf, pad, printable, shorten } from "./print/cell.ts";
import { eventLine } from "./print/event_line.ts";
import { printJson } from "./print/json.ts";
import { paintFor } from "./print/paint.ts";
import { localTime, span } from "./print/time.ts";
import type { Talk } from "./talk.ts";

/** `liveroll show`: one roll, phase by phase. */
export async function show(talk: Talk, { roll: id }: { roll: number }): Promise<number> {
  const { io, json } = talk;
  const roll = await orRecords(
    talk,
    (client) => client.roll(id),
    (records) => records.roll(id) ?? notFound(id),
  );
  if (json) printJson(io, roll);
  else for (const line of linesOf(roll, talk)) io.out(line);
  return EXIT.ok;
}

function notFound(id: number): never {
  const detail = `There is no roll ${id}`;
  throw new RefusedError({
    type: "about:blank",
    title: "Not Found",
    status: 404,
    detail,
    code: "not_found",
  });
}

function linesOf(roll: RollDetails, { io }: Talk): string[] {
  const paint = paintFor(io, io.stdout);
  const columns = io.stdout.columns();
  return [
    paint.bold(`roll ${roll.id}`),
    ...factsOf(roll).map(([label, text]) => {
      const name = paint.dim(label.padEnd(8));
      return `${name}  ${printable(text)}`;
    }),
    ...section("phases", phaseLines(roll)),
    ...section("last lines", roll.lastLines.map((line) => `| ${printable(line)}`)),
    ...section(
      "events",
      roll.events.flatMap((event) => [eventLine(event, paint, columns - 2), ...hookLines(event)]),
    ),
  ];
}

function factsOf({ at, trigger, from, to, outcome, durationMs, detail }: RollDetails) {
  const took = durationMs === null ? "" : ` in ${span(durationMs)}`;
  return [
    ["at", `${localTime(at)} (${at})`],
    ["by", trigger],
    ["from", from ?? "-"],
    ["to", to],
    ["outcome", outcome === null ? "under way" : `${outcome.replaceAll("_", " ")}${took}`],
    ...detail === "" ? [] : [["detail", detail]],
  ] as const;
}

function phaseLines({ phases }: RollDetails): string[] {
  const width = Math.max(0, ...phases.map(({ name }) => columnsOf(printable(name))));
  return phases.map(({ name, durationMs, outcome }) => {
    const took = span(durationMs).padStart(7);
    const end = outcome === "succeeded" ? "" : `  ${outcome}`;
    return `${pad(printable(name), width)}  ${took}${shorten(printable(end), 40)}`;
  });
}

/** What a hook has printed; that of a before hook that failed stands with the last lines. */
function hookLines({ event }: LoggedEvent): string[] {
  if (event.type !== "hook.ended") return [];
  const { hook, end: { outcome, lastLines } } = event;
  if (hook === "before" && outcome !== "succeeded") return [];
  return lastLines.map((line) => `  | ${printable(line)}`);
}

function section(heading: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", `${heading}:`, ...lines.map((line) => `  ${line}`)];
}
