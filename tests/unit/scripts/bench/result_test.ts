import { assertAlmostEquals, assertEquals } from "@std/assert";
import { type Row, type Sample, type Series, summarize } from "../../../../scripts/bench/result.ts";
import { type Scenario, SCENARIOS } from "../../../../scripts/bench/scenario.ts";

const SMALL = SCENARIOS.find(({ id }) => id === "keep-1")!;
const LARGE = SCENARIOS.find(({ id }) => id === "get-10m")!;

function series(id: string, layer: Series["layer"], ...counts: number[]): Series {
  const sample = (count: number): Sample => ({
    count,
    seconds: 2,
    p50Ms: 1_000 / count,
    p99Ms: 5_000 / count,
    errors: 1,
    cpuSeconds: 0.5,
  });
  return { id, name: id, layer, samples: counts.map(sample) };
}

function rowOf(scenario: Scenario, all: Series[], id: string): Row {
  return summarize(scenario, all).rows.find((row) => row.id === id)!;
}

const FIELD = [
  series("direct", "none", 2_000, 1_000, 500),
  series("nginx", "http", 1_000, 500, 250),
  series("relay", "http", 900, 600, 100),
  series("haproxy-tcp", "tcp", 100, 100, 100),
  series("tcp", "tcp", 200, 50, 100),
];

Deno.test("ratios are taken round by round, so that a slow round changes none", () => {
  assertEquals(rowOf(SMALL, FIELD, "relay").ratio, { median: 0.9, min: 0.4, max: 1.2 });
  assertEquals(rowOf(SMALL, FIELD, "direct").ratio, { median: 2, min: 2, max: 2 });
});

Deno.test("layer 4 is compared with layer 4", () => {
  assertEquals(rowOf(SMALL, FIELD, "tcp").ratio?.median, 1);
  assertEquals(rowOf(SMALL, FIELD.slice(0, 3), "relay").ratio?.median, 0.9);
  assertEquals(rowOf(SMALL, FIELD.slice(4), "tcp").ratio, null);
});

Deno.test("added latency is what the backend alone does not need, round by round", () => {
  const { addedP50Ms, addedP99Ms } = rowOf(SMALL, FIELD, "nginx");
  assertEquals([addedP50Ms, addedP99Ms], [1, 5]);
  assertEquals(rowOf(SMALL, FIELD, "direct").addedP50Ms, null);
  assertEquals(rowOf(SMALL, FIELD.slice(1), "nginx").addedP50Ms, null);
});

Deno.test("small answers count by the request, large ones by the MiB", () => {
  const small = rowOf(SMALL, FIELD, "nginx");
  assertEquals([small.rate, small.cpuSeconds, small.errors], [250, 100, 3]);
  const large = rowOf(LARGE, FIELD, "nginx");
  assertEquals(large.rate, 2_500);
  assertAlmostEquals(large.cpuSeconds!, 0.5 / 5_000 * 1_024);
});
