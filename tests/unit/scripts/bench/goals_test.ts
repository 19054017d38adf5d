import { assertEquals } from "@std/assert";
import { judge } from "../../../../scripts/bench/goals.ts";
import type { Row, ScenarioResult } from "../../../../scripts/bench/result.ts";
import { SCENARIOS } from "../../../../scripts/bench/scenario.ts";

function row(id: string, ratio: number, addedP50Ms: number): Row {
  return {
    id,
    name: id,
    layer: "http",
    rate: 1,
    ratio: { median: ratio, min: ratio, max: ratio },
    p50Ms: 1,
    p99Ms: 1,
    addedP50Ms,
    addedP99Ms: 1,
    cpuSeconds: 1,
    errors: 0,
  };
}

function result(id: string, ...rows: Row[]): ScenarioResult {
  return { scenario: SCENARIOS.find((scenario) => scenario.id === id)!, rows };
}

Deno.test("a goal is judged by the figures that belong to it", () => {
  const verdicts = judge([
    result("keep-1", row("nginx", 1, 0.1), row("relay", 0.5, 0.12)),
    result("keep-64", row("nginx", 1, 1), row("relay", 0.89, 1), row("caddy", 0.3, 1)),
  ]);
  assertEquals(verdicts.map(({ measured, met }) => [measured.toFixed(2), met]), [
    ["0.89", false],
    ["2.97", true],
    ["1.20", true],
  ]);
});

Deno.test("what was not measured is not judged", () => {
  assertEquals(judge([]), []);
  assertEquals(judge([result("keep-64", row("nginx", 1, 1))]), []);
});
