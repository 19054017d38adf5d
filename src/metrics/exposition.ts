import type { Facts } from "./facts.ts";
import { cumulated, type HistogramSample, type Labels, type Metric, numberText } from "./metric.ts";

/** Everything of `facts` in Prometheus' text format 0.0.4; every sample has the label `app`. */
export function renderMetrics(metrics: readonly Metric[], facts: Facts): string {
  return metrics.map((metric) => family(metric, facts)).join("");
}

function family(metric: Metric, facts: Facts): string {
  const { name, help, type } = metric;
  const head = `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`;
  return head + samples(metric, facts);
}

function samples(metric: Metric, facts: Facts): string {
  const { app } = facts;
  if (metric.type === "histogram") {
    return metric.read(facts).map((sample) => distribution(metric.name, app, sample)).join("");
  }
  return metric.read(facts)
    .map(({ labels, value }) => line(metric.name, { app, ...labels }, value))
    .join("");
}

function distribution(name: string, app: string, { labels, histogram }: HistogramSample): string {
  const own = { app, ...labels };
  const buckets = cumulated(histogram)
    .map(([bound, upTo]) => line(`${name}_bucket`, { ...own, le: numberText(bound) }, upTo));
  const sum = line(`${name}_sum`, own, histogram.sum);
  return [...buckets, sum, line(`${name}_count`, own, histogram.count)].join("");
}

function line(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
  return `${name}{${pairs.join(",")}} ${numberText(value)}\n`;
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}
