import { assert, assertEquals, assertThrows } from "@std/assert";
import { markdown, replaceReport, type Report, table } from "../../../../scripts/bench/report.ts";

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
    backend: "nginx",
    scenarios: [{
      scenario: { name: "keep-alive", connections: 1, keepAlive: true },
      rows: [
        { name: "nginx", requestsPerSecond: 2_000, p50Ms: 1, p99Ms: 20.04, errors: 0 },
        { name: "liveroll", requestsPerSecond: 500.4, p50Ms: 2.345, p99Ms: 200, errors: 3 },
      ],
    }],
    skipped: [{ name: "Caddy", why: "caddy is not installed" }],
  },
  rolls: null,
};

Deno.test("figures are compared with those of nginx", () => {
  const text = markdown(REPORT);
  assert(text.includes("| liveroll |        500 |     0.25 | 2.35 ms |  200 ms |      3 |"), text);
});

Deno.test("a peer that did not take part is named with the reason", () => {
  assert(markdown(REPORT).includes("skipped: Caddy: caddy is not installed"));
});

Deno.test("without nginx there are no ratios", () => {
  const throughput = structuredClone(REPORT.throughput!);
  throughput.scenarios[0]!.rows.shift();
  assert(/\| liveroll \| +500 \| +– \|/.test(markdown({ ...REPORT, throughput })));
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
