import { format as formatBytes } from "@std/fmt/bytes";
import { judge } from "./goals.ts";
import { type Machine, QUIET_LOAD } from "./machine.ts";
import type { Figure, Row, ScenarioResult } from "./result.ts";
import { PARTS } from "./release_delay.ts";
import type { DirectRow } from "./direct_mode.ts";
import type { ReleasesResult } from "./releases.ts";
import type { RollResult } from "./roll_overhead.ts";
import type { Unit } from "./scenario.ts";
import { table } from "./table.ts";
import type { MemoryRow, ThroughputResult } from "./throughput.ts";

const BEGIN = "<!-- bench:begin -->";
const END = "<!-- bench:end -->";

const RATES: Readonly<Record<Unit, string>> = {
  requests: "requests/s",
  bytes: "MiB/s",
  messages: "messages/s",
};

const CPU: Readonly<Record<Unit, string>> = {
  requests: "CPU s per 100 000",
  bytes: "CPU s per GiB",
  messages: "CPU s per 100 000",
};

/** Everything that one run found out; null: not measured. */
export interface Report {
  machine: Machine;
  /** The command line. */
  command: string;
  generator: string;
  throughput: ThroughputResult | null;
  rolls: RollResult | null;
  releases: ReleasesResult | null;
  direct: readonly DirectRow[] | null;
}

/** The report as Markdown, which also reads well in a terminal. */
export function markdown(report: Report): string {
  const { throughput, rolls, releases, direct } = report;
  return [
    facts(report),
    ...throughput === null ? [] : throughputParts(throughput),
    ...rolls === null ? [] : [rollTable(rolls)],
    ...releases === null ? [] : [downloadTable(releases), delayTable(releases)],
    ...direct === null ? [] : [directTable(direct)],
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
  const load = throughput === null
    ? []
    : [`- Load: ${generator}; backends: ${throughput.backends.join(", ")}`];
  return [
    `- When: ${date}, source ${commit}, machine ${quiet}`,
    `- Where: ${cpu}, ${cores} cores, ${formatBytes(memoryBytes, { binary: true })}, ${kernel}`,
    `- Versions: ${names}`,
    `- Command: \`${command}\``,
    ...load,
  ].join("\n");
}

function throughputParts({ scenarios, memory, skipped }: ThroughputResult): string[] {
  return [
    ...goals(scenarios),
    ...overview(scenarios),
    ...scenarios.flatMap((result) => [`### ${result.scenario.title}`, scenarioTable(result)]),
    ...memory.length === 0 ? [] : [`### Memory`, memoryTable(memory)],
    ...skipped.map(({ name, why }) => `skipped: ${name}: ${why}`),
  ];
}

function goals(scenarios: readonly ScenarioResult[]): string[] {
  const verdicts = judge(scenarios);
  if (verdicts.length === 0) return [];
  const rows = verdicts.map(({ goal, measured, met }) => [
    goal,
    measured.toFixed(2),
    met ? "met" : "**not met**",
  ]);
  return ["### Goals", table(["", "measured", "goal"], rows)];
}

/** One line per scenario, one column per contestant: ratios only. */
function overview(scenarios: readonly ScenarioResult[]): string[] {
  const names = scenarios[0]?.rows.map(({ name }) => name) ?? [];
  if (scenarios.every(({ rows }) => rows.every(({ ratio }) => ratio === null))) return [];
  const rows = scenarios.map(({ scenario, rows }) => [
    scenario.title,
    ...rows.map(({ ratio }) => ratio?.median.toFixed(2) ?? "–"),
  ]);
  const note = "HTTP: of nginx. tcp: of HAProxy tcp. More is faster.";
  return ["### Ratios", note, table(["", ...names], rows)];
}

function scenarioTable({ scenario, rows }: ScenarioResult): string {
  const alone = scenario.connections === 1;
  const head = ["", RATES[scenario.unit], "ratio", "spread", "p50", "p99"]
    .concat(alone ? ["added p50", "added p99"] : [], CPU[scenario.unit], "errors");
  return table(head, rows.map((row) => cells(row, alone)));
}

function cells(row: Row, alone: boolean): string[] {
  return [
    row.name,
    `${Math.round(row.rate)}`,
    row.ratio?.median.toFixed(2) ?? "–",
    spread(row.ratio),
    millis(row.p50Ms),
    millis(row.p99Ms),
    ...alone ? [millis(row.addedP50Ms), millis(row.addedP99Ms)] : [],
    row.cpuSeconds?.toFixed(2) ?? "–",
    `${row.errors}`,
  ];
}

function spread(figure: Figure | null): string {
  return figure === null ? "–" : `${figure.min.toFixed(2)} … ${figure.max.toFixed(2)}`;
}

function memoryTable(rows: readonly MemoryRow[]): string {
  const mebibytes = (bytes: number) => `${(bytes / 1_048_576).toFixed(1)} MiB`;
  return table(
    ["", "RSS after the start", "RSS after the load"],
    rows.map(({ name, beforeBytes, afterBytes }) => [
      name,
      mebibytes(beforeBytes),
      mebibytes(afterBytes),
    ]),
  );
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

function downloadTable({ downloads }: ReleasesResult): string {
  const head = ["artifact", "RSS before", "peak RSS", "grown", "fetch", "of curl", "of by hand"];
  const mebibytes = (bytes: number) => `${(bytes / 1_048_576).toFixed(0)} MiB`;
  const rows = downloads.map((one) => [
    `${one.mebibytes} MiB`,
    mebibytes(one.beforeBytes),
    mebibytes(one.peakBytes),
    mebibytes(one.peakBytes - one.beforeBytes),
    `${(one.mebibytes / one.fetchMs * 1_000).toFixed(0)} MiB/s`,
    (one.curlMs / one.fetchMs).toFixed(2),
    (one.shellMs / one.fetchMs).toFixed(2),
  ]);
  return `### The artifact of a release\n\n${table(head, rows)}`;
}

function delayTable({ delays: { releases, totalMs, totalP90Ms, parts } }: ReleasesResult): string {
  const rows = [
    ...PARTS.map((name) => [name, millis(parts[name])]),
    ["**published to first answer**", `**${millis(totalMs)}**`],
    ["90 % of the releases below", millis(totalP90Ms)],
  ];
  return `### From publication to traffic\n\n${table([`median of ${releases}`, "time"], rows)}`;
}

function millis(ms: number | null): string {
  if (ms === null) return "–";
  return `${ms.toFixed(ms < 1 ? 3 : ms < 10 ? 2 : ms < 100 ? 1 : 0)} ms`;
}

function directTable(rows: readonly DirectRow[]): string {
  const head = ["", "alone, requests/s", "direct, requests/s", "ratio", "spread", "errors"];
  const cells = rows.map(({ title, alone, direct, ratio, errors }) => [
    title,
    alone.toFixed(0),
    direct.toFixed(0),
    ratio.median.toFixed(2),
    `${ratio.least.toFixed(2)} … ${ratio.most.toFixed(2)}`,
    `${errors}`,
  ]);
  return `### Direct mode\n\n${table(head, cells)}`;
}
