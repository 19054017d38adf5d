import {
  CHECKLIST,
  type ChecklistItem,
  HTTP_ENGINES,
  type HttpEngine,
  type Level,
  type Verdict,
} from "../../tests/conformance/checklist.ts";

/** Items with a test that failed, by engine. */
export type Failures = Readonly<Record<HttpEngine, ReadonlySet<number>>>;

/** No test failed. */
const NO_FAILURES: Failures = { relay: new Set(), fetch: new Set() };

const BEGIN = "<!-- Written by `deno run -A scripts/docs.ts --conformance`; do not edit. -->";
const END = "<!-- End of the table. -->";
const LINE_WIDTH = 100;
const FAILING = "○ failing";
const SYMBOLS: Readonly<Record<Level, string>> = {
  met: "●",
  decided: "◇",
  partly: "◐",
  no: "○",
};

/** The table of the checklist as Markdown, with its notes. */
export function conformanceTable(failures: Failures = NO_FAILURES): string {
  const rows = CHECKLIST.map((item) => [
    String(item.number),
    item.title,
    ...HTTP_ENGINES.map((engine) => cell(item, engine, failures)),
  ]);
  const notes = CHECKLIST.flatMap(notesOf).map(wrapped);
  return [...table([["", "Item", ...HTTP_ENGINES], ...rows]), "", ...notes].join("\n");
}

/** `markdown` with another table between its markers. @throws {TypeError} When they are missing. */
export function withTable(markdown: string, table: string): string {
  const [begin, end] = tablePlace(markdown);
  return `${markdown.slice(0, begin)}\n\n${table}\n\n${markdown.slice(end)}`;
}

/** The table between the markers of `markdown`. @throws {TypeError} When they are missing. */
export function tableIn(markdown: string): string {
  return markdown.slice(...tablePlace(markdown)).trim();
}

function tablePlace(markdown: string): [begin: number, end: number] {
  const begin = markdown.indexOf(BEGIN);
  const end = markdown.indexOf(END);
  if (begin < 0 || end < begin) throw new TypeError(`Cannot find the lines ${BEGIN} and ${END}`);
  return [begin + BEGIN.length, end];
}

function cell({ number, verdicts }: ChecklistItem, engine: HttpEngine, failures: Failures): string {
  return failures[engine].has(number) ? FAILING : SYMBOLS[verdicts[engine].level];
}

/** One line for all engines of which the same is to be said. */
function notesOf({ number, verdicts }: ChecklistItem): string[] {
  const engines = new Map<string, HttpEngine[]>();
  for (const engine of HTTP_ENGINES) {
    const { note }: Verdict = verdicts[engine];
    if (note !== null) engines.set(note, [...engines.get(note) ?? [], engine]);
  }
  return [...engines].map(([note, names]) => `- **${number}** ${names.join(", ")}: ${note}`);
}

/** Columns as wide as their widest cell, as `deno fmt` makes them. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths =
    rows[0]?.map((_, column) => Math.max(2, ...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (row: readonly string[]) =>
    `| ${row.map((text, column) => text.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [header = [], ...body] = rows;
  return [line(header), line(widths.map((width) => "-".repeat(width))), ...body.map(line)];
}

function wrapped(text: string): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > LINE_WIDTH) {
      lines.push(line);
      line = `  ${word}`;
    } else line += line === "" ? word : ` ${word}`;
  }
  return [...lines, line].join("\n");
}
