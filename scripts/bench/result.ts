import type { LoadResult } from "./load.ts";
import { type Layer, REFERENCES } from "./peers.ts";
import type { Scenario } from "./scenario.ts";
import { median } from "./statistics.ts";

const MIB = 1024 * 1024;

/** One measurement of one contestant. */
export interface Sample extends LoadResult {
  /** Processor time of the contestant meanwhile. */
  cpuSeconds: number;
}

/** The samples of one contestant in one scenario, round by round. */
export interface Series {
  id: string;
  name: string;
  layer: Layer | "none";
  samples: readonly Sample[];
}

/** A figure that was measured several times. */
export interface Figure {
  median: number;
  min: number;
  max: number;
}

/** What one contestant did in one scenario. */
export interface Row {
  id: string;
  name: string;
  layer: Layer | "none";
  /** Requests, messages or MiB per second. */
  rate: number;
  /** Of the reference of its layer, round by round; null without one. */
  ratio: Figure | null;
  p50Ms: number;
  p99Ms: number;
  /** More than without a proxy; null when that was not measured. */
  addedP50Ms: number | null;
  addedP99Ms: number | null;
  /** Processor seconds for 100,000 requests or messages, or for a GiB; null for the backend. */
  cpuSeconds: number | null;
  errors: number;
}

/** One table. */
export interface ScenarioResult {
  scenario: Scenario;
  rows: readonly Row[];
}

/** Compares everybody round by round, so that what slows a round for all changes no ratio. */
export function summarize(scenario: Scenario, all: readonly Series[]): ScenarioResult {
  const direct = all.find(({ layer }) => layer === "none");
  const rows = all.map((series): Row => {
    const { id, name, layer, samples } = series;
    const middle = (of: (sample: Sample) => number) => median(samples.map(of));
    return {
      id,
      name,
      layer,
      rate: middle((sample) => rate(scenario, sample)),
      ratio: ratioOf(scenario, series, all),
      p50Ms: middle(({ p50Ms }) => p50Ms),
      p99Ms: middle(({ p99Ms }) => p99Ms),
      addedP50Ms: added(series, direct, ({ p50Ms }) => p50Ms),
      addedP99Ms: added(series, direct, ({ p99Ms }) => p99Ms),
      cpuSeconds: layer === "none" ? null : middle((sample) => cpuPerUnit(scenario, sample)),
      errors: samples.reduce((sum, { errors }) => sum + errors, 0),
    };
  });
  return { scenario, rows };
}

function ratioOf(scenario: Scenario, series: Series, all: readonly Series[]): Figure | null {
  const id = REFERENCES[series.layer === "none" ? "http" : series.layer];
  const reference = all.find((other) => other.id === id);
  if (reference === undefined) return null;
  const ratios = pairs(series, reference)
    .map(([own, others]) => rate(scenario, own) / rate(scenario, others));
  return { median: median(ratios), min: Math.min(...ratios), max: Math.max(...ratios) };
}

function added(
  series: Series,
  direct: Series | undefined,
  of: (sample: Sample) => number,
): number | null {
  if (direct === undefined || direct === series) return null;
  return median(pairs(series, direct).map(([own, without]) => of(own) - of(without)));
}

function pairs(series: Series, other: Series): [Sample, Sample][] {
  return series.samples.flatMap((sample, round) => {
    const counterpart = other.samples[round];
    return counterpart === undefined ? [] : [[sample, counterpart]];
  });
}

function rate(scenario: Scenario, { count, seconds }: Sample): number {
  return units(scenario, count) / seconds;
}

function cpuPerUnit(scenario: Scenario, { count, cpuSeconds }: Sample): number {
  const per = scenario.unit === "bytes" ? 1_024 : 100_000;
  return cpuSeconds / units(scenario, count) * per;
}

function units({ unit, uploadBytes, answerBytes }: Scenario, count: number): number {
  return unit === "bytes" ? count * Math.max(uploadBytes, answerBytes) / MIB : count;
}
