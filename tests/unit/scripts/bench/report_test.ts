import { assert, assertEquals, assertThrows } from "@std/assert";
import { markdown, replaceReport, type Report } from "../../../../scripts/bench/report.ts";
import type { Row } from "../../../../scripts/bench/result.ts";
import { SCENARIOS } from "../../../../scripts/bench/scenario.ts";
import { table } from "../../../../scripts/bench/table.ts";

const ROW: Row = {
  id: "nginx",
  name: "nginx",
  layer: "http",
  rate: 2_000,
  ratio: { median: 1, min: 1, max: 1 },
  p50Ms: 0.0721,
  p99Ms: 20.04,
  addedP50Ms: 0.02,
  addedP99Ms: 3.5,
  cpuSeconds: 3.456,
  errors: 0,
};

const RELAY: Row = {
  ...ROW,
  id: "relay",
  name: "liveroll relay",
  rate: 1_900.4,
  ratio: { median: 0.949, min: 0.9, max: 1.1 },
  errors: 3,
};

const REPORT: Report = {
  machine: {
    date: "2030-01-02",
    cpu: "a cpu",
    cores: 2,
    memoryBytes: 4 * 1024 ** 3,
    kernel: "linux 6",
    loadBefore: 0.1,
    commit: "abc",
    versions: { Deno: "2.9.6", nginx: "1.22.1" },
  },
  command: "deno task bench",
  generator: "wrk",
  throughput: {
    backends: ["nginx", "own echo"],
    scenarios: [
      { scenario: SCENARIOS[0]!, rows: [ROW, RELAY] },
      { scenario: SCENARIOS[1]!, rows: [ROW, RELAY] },
    ],
    memory: [{ name: "nginx", beforeBytes: 1_048_576, afterBytes: 2_202_010 }],
    skipped: [{ name: "Caddy", why: "caddy is not installed" }],
  },
  rolls: null,
  releases: null,
  direct: null,
};

Deno.test("figures stand with their ratio, its spread and what they cost", () => {
  const text = markdown(REPORT);
  const line = text.split("\n").find((line) => line.includes("1900"))!;
  const cells = line.split("|").map((cell) => cell.trim());
  assertEquals(cells.slice(1, -1), [
    ...["liveroll relay", "1900", "0.95", "0.90 … 1.10", "0.072 ms", "20.0 ms"],
    ...["0.020 ms", "3.50 ms", "3.46", "3"],
  ]);
});

Deno.test("added latency is shown only where one request follows the other", () => {
  const [alone, many] = markdown(REPORT).split("### Keep-alive, ").slice(1);
  assert(alone!.includes("added p50"));
  assert(!many!.includes("added p50"));
});

Deno.test("an overview and the goals come first", () => {
  const text = markdown(REPORT);
  const heads = [...text.matchAll(/^### (.*)$/gm)].map(([, head]) => head);
  assertEquals(heads.slice(0, 2), ["Goals", "Ratios"]);
  assert(/relay, keep-alive at 64: at least 0.9 of nginx +\| +0.95 \| +met/.test(text), text);
  assert(/Keep-alive, 64 connections \| +1.00 \| +0.95 \|/.test(text), text);
});

Deno.test("memory is shown before and after", () => {
  assert(/nginx +\| +1.0 MiB \| +2.1 MiB/.test(markdown(REPORT)));
});

Deno.test("a peer that did not take part is named with the reason", () => {
  assert(markdown(REPORT).includes("skipped: Caddy: caddy is not installed"));
});

Deno.test("without a reference there are no ratios", () => {
  const row = { ...RELAY, ratio: null };
  const scenarios = [{ scenario: SCENARIOS[0]!, rows: [row] }];
  const text = markdown({ ...REPORT, throughput: { ...REPORT.throughput!, scenarios } });
  assert(/\| liveroll relay \| +1900 \| +– \| +– \|/.test(text), text);
  assert(!text.includes("### Ratios"));
});

Deno.test("figures of a busy machine are marked as provisional", () => {
  assertEquals(markdown(REPORT).includes("provisional"), false);
  const machine = { ...REPORT.machine, loadBefore: 2 };
  assert(markdown({ ...REPORT, machine }).includes("provisional"));
});

Deno.test("a report takes the place of the one before and of nothing else", () => {
  const document = "# A\n\n<!-- bench:begin -->\n\nold\n\n<!-- bench:end -->\n\n## B\n";
  const replaced = replaceReport(document, "new");
  assertEquals(replaced, document.replace("old", "new"));
  assertEquals(replaceReport(replaced, "new"), replaced);
  assertThrows(() => replaceReport("# A", "new"), Error, "Cannot find");
});

Deno.test("the columns of a table line up", () => {
  assertEquals(
    table(["", "n"], [["a", "1"], ["bcde", "1234"]]),
    [
      "|      |    n |",
      "| ---- | ---: |",
      "| a    |    1 |",
      "| bcde | 1234 |",
    ].join("\n"),
  );
});

Deno.test("an artifact stands with the memory that it took, and with what others need for it", () => {
  const MIB = 1024 ** 2;
  const download = {
    mebibytes: 512,
    beforeBytes: 80 * MIB,
    peakBytes: 135 * MIB,
    fetchMs: 4_000,
    curlMs: 1_000,
    shellMs: 3_000,
  };
  const parts = { check: 500, fetch: 20, start: 5, gate: 40, switch: 3, rest: 10 };
  const delays = { releases: 3, totalMs: 578, totalP90Ms: 900, parts };
  const text = markdown({ ...REPORT, releases: { downloads: [download], delays } });
  const cells = (start: string) =>
    text.split("\n").find((line) => line.startsWith(start))?.split("|").slice(1, -1)
      .map((cell) => cell.trim());
  assertEquals(cells("| 512 MiB"), [
    ...["512 MiB", "80 MiB", "135 MiB", "55 MiB", "128 MiB/s", "0.25", "0.75"],
  ]);
  assertEquals(cells("| check"), ["check", "500 ms"]);
  assertEquals(cells("| **published"), ["**published to first answer**", "**578 ms**"]);
});

Deno.test("direct mode stands beside the app alone", () => {
  const ratio = { median: 1.004, least: 0.9, most: 1.1 };
  const row = { title: "Kept", alone: 1_000.2, direct: 1_004.4, ratio, errors: 0 };
  const text = markdown({ ...REPORT, direct: [row] });
  const cells = text.split("### Direct mode")[1]!.split("\n").at(-1)!.split("|")
    .map((cell) => cell.trim());
  assertEquals(cells.slice(1, -1), ["Kept", "1000", "1004", "1.00", "0.90 … 1.10", "0"]);
  assert(!markdown(REPORT).includes("### Direct mode"));
});
