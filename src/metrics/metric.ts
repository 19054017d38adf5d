import type { Facts } from "./facts.ts";

/** Names and values that tell the samples of one metric apart. */
export type Labels = Readonly<Record<string, string>>;

/** One number. */
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

/** How many observations were how big. */
export interface HistogramPicture {
  /** Upper bounds of the buckets, ascending; the last one is `Infinity`. */
  readonly bounds: readonly number[];
  /** How many were in each bucket, not cumulated. */
  readonly buckets: readonly number[];
  readonly sum: number;
  readonly count: number;
}

/** One distribution. */
export interface HistogramSample {
  readonly labels: Labels;
  readonly histogram: HistogramPicture;
}

/** Something that is counted or measured. All of its samples exist from the start. */
export type Metric =
  & {
    readonly name: string;
    /** One sentence. */
    readonly help: string;
  }
  & (
    | { readonly type: "counter" | "gauge"; read(facts: Facts): readonly Sample[] }
    | { readonly type: "histogram"; read(facts: Facts): readonly HistogramSample[] }
  );

/** The only sample of a metric without labels. */
export function only(value: number): readonly Sample[] {
  return [{ labels: {}, value }];
}

/** 1 or 0. */
export function flag(isSo: boolean): readonly Sample[] {
  return only(isSo ? 1 : 0);
}

/** One sample for every key of `values`, with the key as the value of `label`. */
export function byLabel(
  label: string,
  values: Readonly<Record<string, number>>,
): readonly Sample[] {
  return Object.entries(values).map(([key, value]) => ({ labels: { [label]: key }, value }));
}

/** How many observations were not above each bound. */
export function cumulated({ bounds, buckets }: HistogramPicture): readonly [number, number][] {
  let upTo = 0;
  return bounds.map((bound, index) => [bound, upTo += buckets[index] ?? 0]);
}

/** A number as Prometheus writes it. */
export function numberText(value: number): string {
  if (value === Infinity) return "+Inf";
  return value === -Infinity ? "-Inf" : String(value);
}
