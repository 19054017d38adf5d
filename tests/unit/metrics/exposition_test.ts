import { assertEquals, assertStringIncludes } from "@std/assert";
import { renderMetrics } from "../../../src/metrics/exposition.ts";
import { Histogram } from "../../../src/metrics/histogram.ts";
import { metricsOf } from "../../../src/metrics/list.ts";
import { type Metric, only } from "../../../src/metrics/metric.ts";
import { Counters } from "../../../src/proxy/counters.ts";
import { sampleFacts } from "./sample_facts.ts";

/** The lines of one metric, without HELP and TYPE. */
function samplesOf(name: string, text: string): string[] {
  return text.split("\n").filter((line) => line.startsWith(`${name}{`));
}

function gauge(value: number): Metric {
  return { name: "x", help: "h", type: "gauge", read: () => only(value) };
}

Deno.test("a metric is its help, its type and its samples", () => {
  const metric: Metric = {
    name: "rolls_total",
    help: "Rolls.",
    type: "counter",
    read: () => [{ labels: { outcome: "failed" }, value: 3 }, { labels: {}, value: 0.5 }],
  };
  assertEquals(
    renderMetrics([metric], sampleFacts()),
    "# HELP rolls_total Rolls.\n# TYPE rolls_total counter\n" +
      'rolls_total{app="blog",outcome="failed"} 3\nrolls_total{app="blog"} 0.5\n',
  );
});

Deno.test("quotes, backslashes and line feeds in labels and help are escaped, nothing else", () => {
  const evil = 'v"1\\n\n\r\t{},=é🚀#';
  const metric: Metric = {
    name: "x",
    help: 'a "b" \\ c\nd',
    type: "gauge",
    read: () => [{ labels: { id: evil }, value: 1 }],
  };
  assertEquals(
    renderMetrics([metric], sampleFacts({ app: 'b"b' })),
    '# HELP x a "b" \\\\ c\\nd\n# TYPE x gauge\n' +
      'x{app="b\\"b",id="v\\"1\\\\n\\n\r\t{},=é🚀#"} 1\n',
  );
});

Deno.test("a very long id is told as it is", () => {
  const id = `v${"9".repeat(100_000)}`;
  const text = renderMetrics(metricsOf("relay"), sampleFacts({ currentId: id }));
  assertStringIncludes(text, `liveroll_current_version_info{app="blog",id="${id}"} 1\n`);
});

for (
  const [value, text] of [
    [Infinity, "+Inf"],
    [-Infinity, "-Inf"],
    [NaN, "NaN"],
    [0, "0"],
    [1e21, "1e+21"],
    [0.1, "0.1"],
  ] as const
) {
  Deno.test(`the number ${value} is written as ${text}`, () => {
    assertEquals(
      renderMetrics([gauge(value)], sampleFacts()).split("\n").at(-2),
      `x{app="blog"} ${text}`,
    );
  });
}

Deno.test("the buckets of a histogram are cumulated, and the last one is its count", () => {
  const histogram = new Histogram([0.1, 1]);
  for (const value of [0.05, 0.1, 0.5, 1, 7, 8]) histogram.observe(value);
  const metric: Metric = {
    name: "d",
    help: "D.",
    type: "histogram",
    read: () => [{ labels: { phase: "gate" }, histogram: histogram.picture() }],
  };
  assertEquals(renderMetrics([metric], sampleFacts()).split("\n").slice(2, -1), [
    'd_bucket{app="blog",phase="gate",le="0.1"} 2',
    'd_bucket{app="blog",phase="gate",le="1"} 4',
    'd_bucket{app="blog",phase="gate",le="+Inf"} 6',
    'd_sum{app="blog",phase="gate"} 16.65',
    'd_count{app="blog",phase="gate"} 6',
  ]);
});

Deno.test("the durations of requests keep their buckets and their sum", () => {
  const counters = new Counters();
  for (const ms of [1, 5, 30, 700, 60_000]) counters.durations.observe(ms);
  const text = renderMetrics(metricsOf("relay"), sampleFacts({ requests: counters.snapshot() }));
  const buckets = samplesOf("liveroll_http_request_duration_seconds_bucket", text);
  const counts = buckets.map((line) => Number(line.split(" ").at(-1)));
  assertEquals(counts, [2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5]);
  assertEquals(samplesOf("liveroll_http_request_duration_seconds_sum", text), [
    'liveroll_http_request_duration_seconds_sum{app="blog"} 60.736',
  ]);
  assertEquals(samplesOf("liveroll_http_request_duration_seconds_count", text), [
    'liveroll_http_request_duration_seconds_count{app="blog"} 5',
  ]);
});

Deno.test("only numbers differ between two looks: same series, same order", () => {
  const series = (text: string) => text.replaceAll(/ [^ ]+$/gm, "");
  const before = renderMetrics(metricsOf("relay"), sampleFacts());
  const counters = new Counters();
  counters.countRetry("status");
  counters.countRetry("connect_failed");
  counters.countAnswer(503);
  const after = renderMetrics(
    metricsOf("relay"),
    sampleFacts({ requests: counters.snapshot(), isWritable: false }),
  );
  assertEquals(series(after), series(before));
});
