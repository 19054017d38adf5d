import type {
  BatchObservableCallback,
  BatchObservableResult,
  Meter,
  Observable,
} from "@opentelemetry/api";
import type { Facts } from "./facts.ts";
import { cumulated, type Metric, numberText } from "./metric.ts";

/** One metric, and how its samples are told. */
interface Mirrored {
  readonly instruments: readonly Observable[];
  tell(facts: Facts, result: BatchObservableResult): void;
}

/**
 * Tells `metrics` as OpenTelemetry instruments of the same names, until disposed. OpenTelemetry has
 * no histograms that are asked for; theirs are counters `_bucket`, `_sum` and `_count`, as in
 * Prometheus' text.
 */
export function mirror(
  metrics: readonly Metric[],
  meter: Meter,
  facts: () => Facts,
): Disposable {
  const all = metrics.map((metric) => mirrored(metric, meter));
  const instruments = all.flatMap(({ instruments }) => [...instruments]);
  const callback: BatchObservableCallback = (result) => {
    const now = facts();
    for (const { tell } of all) tell(now, result);
  };
  meter.addBatchObservableCallback(callback, instruments);
  return {
    [Symbol.dispose]: () => meter.removeBatchObservableCallback(callback, instruments),
  };
}

function mirrored(metric: Metric, meter: Meter): Mirrored {
  const { name, help: description } = metric;
  const options = { description, ...unit(name) };
  if (metric.type === "histogram") return histogram(metric, meter);
  const instrument = metric.type === "counter"
    ? meter.createObservableCounter(name, options)
    : meter.createObservableGauge(name, options);
  return {
    instruments: [instrument],
    tell: (facts, result) => {
      for (const { labels, value } of metric.read(facts)) {
        result.observe(instrument, value, { app: facts.app, ...labels });
      }
    },
  };
}

function histogram(
  { name, help: description, read }: Extract<Metric, { type: "histogram" }>,
  meter: Meter,
): Mirrored {
  const buckets = meter.createObservableCounter(`${name}_bucket`, { description });
  const sum = meter.createObservableCounter(`${name}_sum`, { description, ...unit(name) });
  const count = meter.createObservableCounter(`${name}_count`, { description });
  const tell = (facts: Facts, result: BatchObservableResult) => {
    for (const { labels, histogram } of read(facts)) {
      const own = { app: facts.app, ...labels };
      for (const [le, upTo] of cumulated(histogram)) {
        result.observe(buckets, upTo, { ...own, le: numberText(le) });
      }
      result.observe(sum, histogram.sum, own);
      result.observe(count, histogram.count, own);
    }
  };
  return { instruments: [buckets, sum, count], tell };
}

function unit(name: string): { unit?: string } {
  if (/_seconds(_total)?$/.test(name)) return { unit: "s" };
  return name.endsWith("_bytes") ? { unit: "By" } : {};
}
