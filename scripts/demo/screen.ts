import { bold, cyan, dim, green, red, yellow } from "@std/fmt/colors";
import { asIs, justify, type Line, type Paint, render } from "./line.ts";
import type { Model } from "./model.ts";
import { inWords, type Tone } from "./narration.ts";
import { passageLines } from "./passage_lines.ts";
import { recent } from "./traffic.ts";
import { paintOf, shareLine, timelineLines } from "./timeline.ts";

/** Columns of the labels on the left. */
const LABEL = 11;
const RATE_WINDOW_MS = 5_000;
const LATENCY_WINDOW_MS = 10_000;

const TONES: Record<Tone, [mark: string, paint: Paint]> = {
  good: ["✓", green],
  bad: ["✗", red],
  busy: ["▸", yellow],
  plain: ["·", dim],
};

/** The size of the terminal, the time, and what stays the same. */
export interface View {
  columns: number;
  rows: number;
  /** Milliseconds since the epoch. */
  now: number;
  address: string;
  /** Whether the demo is about to end. */
  ending: boolean;
}

/** The whole screen: at most `rows` lines, none wider than `columns`. */
export function screen(model: Model, view: View): string[] {
  const width = Math.max(0, view.columns - 1);
  const canvas = { width: Math.max(0, width - LABEL), now: view.now };
  const fixed = [
    ...header(model, view, width),
    ...labelled("SERVING", [serving(model, view)]),
    [],
    ...labelled("ROLL", passageLines(model.passage, canvas)),
    [],
    ...labelled("REQUESTS", [requests(model, view)]),
    ...labelled("ANSWERED", timelineLines(model, canvas)),
    ...labelled("BY", [shareLine(model.traffic, canvas)]),
    [],
    ...labelled("REFUSED", refused(model)),
    [],
  ];
  const room = view.rows - fixed.length - 2;
  const news = room < 1 ? [] : labelled("NEWS", newsLines(model, room));
  const footer: Line = view.ending
    ? [["  ending: the last requests are answered, then everything stops", yellow]]
    : [["  Ctrl-C ends the demo", dim]];
  return [...fixed, ...news, [], footer]
    .slice(0, view.rows)
    .map((line) => render(line, width));
}

function header({ startedAt }: Model, { now, address }: View, width: number): Line[] {
  const title: Line = ["  ", ["liveroll", (text) => bold(cyan(text))], ["  demo", dim]];
  const age: Line = [[`${address}   ${clock(now - startedAt)}`, dim]];
  return [justify(title, age, width), [["  " + "─".repeat(Math.max(0, width - 2)), dim]]];
}

/** Puts a label in front of the first line, and as much room in front of the others. */
function labelled(label: string, lines: readonly Line[]): Line[] {
  return lines.map((
    line,
    index,
  ) => [[`  ${index === 0 ? label : ""}`.padEnd(LABEL), bold], ...line]);
}

function serving({ serving, traffic }: Model, { now }: View): Line {
  if (serving === null) {
    return [["○ ", yellow], [traffic.ok === 0 ? "nobody yet" : "nobody", yellow], [
      ", requests wait",
      dim,
    ]];
  }
  const { instance: { id, pid, port }, since } = serving;
  return [
    ["● ", green],
    [id, (text) => bold(paintOf(id)(text))],
    `  for ${inWords(Math.max(0, now - since))}`,
    [`   pid ${pid}, port ${port}`, dim],
  ];
}

function requests({ traffic }: Model, { now }: View): Line {
  const { ok, failed } = traffic;
  const { answers } = recent(traffic, now, RATE_WINDOW_MS);
  const { p50Ms, p99Ms } = recent(traffic, now, LATENCY_WINDOW_MS);
  return [
    [`${ok} ok`, (text) => bold(green(text))],
    "   ",
    [`${failed} failed`, (text) => bold(failed === 0 ? green(text) : red(text))],
    `   ${Math.round(answers / (RATE_WINDOW_MS / 1_000))}/s`,
    [`   first byte p50 ${millis(p50Ms)}, p99 ${millis(p99Ms)}`, dim],
  ];
}

function refused({ refusals, refused }: Model): Line[] {
  const last = refusals.at(-1);
  if (last === undefined) return [[["nothing so far", dim]], []];
  const before = refused === 1 ? "" : `   (${refused} so far)`;
  return [
    [["✗ ", red], [last.id, (text) => bold(red(text))], ` ${last.detail}`, [before, dim]],
    last.lastLine === null ? [] : [["  it said: ", dim], last.lastLine],
  ];
}

function newsLines({ news, startedAt }: Model, room: number): Line[] {
  const shown = news.slice(-room);
  const filler = Array.from({ length: room - shown.length }, (): Line => []);
  const lines = shown.toReversed().map(({ at, tone, text }, index): Line => {
    const [mark, paint] = TONES[tone];
    return [[`${clock(at - startedAt)} `, dim], [mark, paint], [
      ` ${text}`,
      index < 3 ? asIs : dim,
    ]];
  });
  return [...lines, ...filler];
}

/** Minutes and seconds. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  return `${Math.floor(seconds / 60)}:${`${seconds % 60}`.padStart(2, "0")}`;
}

function millis(ms: number | null): string {
  return ms === null ? "–" : `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;
}
