import { assertEquals } from "@std/assert";
import { metricsOf } from "../../../src/metrics/list.ts";
import type { Metric } from "../../../src/metrics/metric.ts";
import { PHASES } from "../../../src/roll/journal.ts";
import { APP_STATES, ROLL_OUTCOMES } from "../../../src/roll/events.ts";
import { sampleFacts } from "./sample_facts.ts";

const DOCS = new URL("../../../docs/", import.meta.url);
const text = Deno.readTextFileSync(new URL("metrics.md", DOCS));
const alerts = Deno.readTextFileSync(new URL("prometheus-alerts.yml", DOCS));

/** Everything that any engine tells: `name{labels} type`. */
function told(): string[] {
  const inContainers = metricsOf("tcp", { inContainers: true });
  const all = new Map([...metricsOf("relay"), ...inContainers].map((one) => [one.name, one]));
  return [...all.values()].map(signature).sort();
}

function signature(metric: Metric): string {
  const labels = Object.keys(metric.read(sampleFacts())[0]?.labels ?? {});
  const braces = labels.length === 0 ? "" : `{${labels.join()}}`;
  return `${metric.name}${braces} ${metric.type}`;
}

function meaning(name: string): string {
  return text.split("\n").find((line) => line.startsWith(`| \`${name}`)) ?? "";
}

/** The words in backquotes, without those in the first column. */
function words(name: string): string[] {
  return [...meaning(name).split("|").slice(3).join("|").matchAll(/`([^`]+)`/g)]
    .flatMap(([, word = ""]) => word);
}

Deno.test("the tables describe exactly the metrics that there are, their labels and types", () => {
  const rows = text.matchAll(/^\| `([a-z_]+(?:\{\w+\})?)` +\| (counter|gauge|histogram) +\|/gm);
  assertEquals([...rows].map(([, name, type]) => `${name} ${type}`).sort(), told());
});

Deno.test("the tables name every state, outcome and phase", () => {
  assertEquals(words("liveroll_state{"), [...APP_STATES]);
  assertEquals(words("liveroll_rolls_total"), [...ROLL_OUTCOMES]);
  assertEquals(words("liveroll_roll_phase_duration_seconds"), [...PHASES]);
});

Deno.test("alerts and example queries use only names that there are", () => {
  const names = new Set(told().map((row) => row.replace(/[{ ].*/, "")));
  const used = [...`${alerts}\n${text}`.matchAll(/\b(?:liveroll|process)_[a-z_]+/g)]
    .map(([name]) => name.replace(/_(bucket|sum|count)$/, ""));
  assertEquals([...new Set(used)].filter((name) => !names.has(name)), []);
});
