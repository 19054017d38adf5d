import { format as formatBytes } from "@std/fmt/bytes";
import type { Machine } from "./machine.ts";
import type { RollResult } from "./roll_overhead.ts";
import type { Row, ThroughputResult } from "./throughput.ts";

const BEGIN = "<!-- bench:begin -->";
const END = "<!-- bench:end -->";

/** More than this and somebody else was using the machine. */
const QUIET_LOAD = 0.5;

/** Everything that one run found out; null: not measured. */
export interface Report {
  machine: Machine;
  /** The command line. */
  command: string;
  generator: string;
  throughput: ThroughputResult | null;
  rolls: RollResult | null;
}

/** The report as Markdown, which also reads well in a terminal. */
export function markdown(report: Report): string {
  const { throughput, rolls } = report;
  return [
    facts(report),
    ...throughput === null ? [] : tables(throughput),
    ...rolls === null ? [] : [rollTable(rolls)],
  ].join("\n\n");
}

/** `document` with the report in the place of the one before. @throws {Error} Without a place. */
export function replaceReport(document: string, text: string): string {
  const begin = document.indexOf(BEGIN);
  const end = document.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`Cannot find ${BEGIN} and ${END} in the document`);
  return `${document.slice(0, begin)}${BEGIN}\n\n${text}\n\n${document.slice(end)}`;
}

function facts({ machine, command, generator, throughput }: Report): string {
  const { date, cpu, cores, memoryBytes, kernel, loadBefore, commit, versions } = machine;
  const names = Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(", ");
  const quiet = loadBefore < QUIET_LOAD
    ? "quiet"
    : `**not quiet** (load ${loadBefore.toFixed(1)} before it began): provisional`;
  return [
    `- When: ${date}, source ${commit}, machine ${quiet}`,
    `- Where: ${cpu}, ${cores} cores, ${formatBytes(memoryBytes, { binary: true })}, ${kernel}`,
    `- Versions: ${names}`,
    `- Command: \`${command}\``,
    ...throughput === null ? [] : [`- Load: ${generator}; backend: ${throughput.backend}`],
  ].join("\n");
}

function tables({ scenarios, skipped }: ThroughputResult): string[] {
  const parts = scenarios.flatMap(({ scenario, rows }) => [
    `### ${capitalized(scenario.name)}`,
    table(
      ["", "requests/s", "of nginx", "p50", "p99", "errors"],
      rows.map((row) => cells(row, rows)),
    ),
  ]);
  return [...parts, ...skipped.map(({ name, why }) => `skipped: ${name}: ${why}`)];
}

function cells(row: Row, rows: readonly Row[]): string[] {
  const reference = rows.find(({ name }) => name === "nginx");
  const ratio = reference && row.requestsPerSecond / reference.requestsPerSecond;
  return [
    row.name,
    `${Math.round(row.requestsPerSecond)}`,
    ratio === undefined ? "–" : ratio.toFixed(2),
    millis(row.p50Ms),
    millis(row.p99Ms),
    `${row.errors}`,
  ];
}

function rollTable(result: RollResult): string {
  const rows = [
    ["app alone: spawn to first good answer", millis(result.startMs)],
    ["pull and id commands alone", millis(result.commandsMs)],
    ["roll: signal to switch", millis(result.rollMs)],
    ["**added by liveroll**", `**${millis(result.overheadMs)}**`],
    ["added by liveroll, 90 % of the rolls below", millis(result.overheadP90Ms)],
  ];
  return `### A roll\n\n${table([`median of ${result.rolls}`, "time"], rows)}`;
}

/** A Markdown table whose columns line up: names to the left, figures to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) =>
    Math.max(3, ...[head, ...rows].map((row) => row[column]?.length ?? 0))
  );
  const line = (row: readonly string[]) => {
    const padded = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)
    );
    return `| ${padded.join(" | ")} |`;
  };
  const rule = widths.map((width, column) =>
    column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`
  );
  return [line(head), line(rule), ...rows.map(line)].join("\n");
}

function millis(ms: number): string {
  return `${ms.toFixed(ms < 10 ? 2 : ms < 100 ? 1 : 0)} ms`;
}

function capitalized(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
