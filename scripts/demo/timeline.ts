import { brightBlue, cyan, dim, magenta, red } from "@std/fmt/colors";
import type { Line, Paint, Span } from "./line.ts";
import type { Model, Refusal } from "./model.ts";
import { type Bucket, BUCKET_MS, bucketAt, recent, type Traffic } from "./traffic.ts";

const PAINTS: readonly Paint[] = [cyan, magenta, brightBlue];
const HEIGHTS = "▁▂▃▄▅▆▇█";
const FILLS = "█▒░";
const SHARE_WINDOW_MS = 5_000;
const BAR_SHARE = 0.6;

/** Where and when lines are drawn. */
export interface Canvas {
  width: number;
  /** Milliseconds since the epoch. */
  now: number;
}

/** The colour of a version; versions that follow each other differ. */
export function paintOf(version: string): Paint {
  return PAINTS[numberOf(version) % PAINTS.length]!;
}

/** Who answered when, newest on the right: bars in the version's colour, and names below. */
export function timelineLines({ traffic, refusals }: Model, { width, now }: Canvas): Line[] {
  // The newest bucket is still being filled.
  const end = bucketAt(now);
  const byTime = new Map(traffic.buckets.map((bucket) => [bucket.at, bucket]));
  const columns = Array.from(
    { length: Math.max(0, width) },
    (_, column) => byTime.get(end - (width - column) * BUCKET_MS) ?? null,
  );
  const most = Math.max(1, ...columns.map((bucket) => bucket === null ? 0 : answers(bucket)));
  const columnOf = (at: number) => width - Math.ceil((end - at) / BUCKET_MS);
  return [
    columns.map((bucket) => column(bucket, most)),
    names(columns, refusals.map((refusal) => ({ refusal, column: columnOf(refusal.at) }))),
  ];
}

/** Who answered in the last seconds, as one bar with a legend. */
export function shareLine(traffic: Traffic, { width, now }: Canvas): Line {
  const { answers, byVersion } = recent(traffic, now, SHARE_WINDOW_MS);
  if (answers === 0) return [["nobody in the last seconds", dim]];
  const room = Math.floor(width * BAR_SHARE);
  const shares = Object.entries(byVersion)
    .map(([version, count]) => ({ version, share: count / answers }));
  const bars = shares.map(({ version, share }): Span => {
    const fill = FILLS[numberOf(version) % FILLS.length]!;
    return [fill.repeat(Math.round(share * room)), paintOf(version)];
  });
  const legend = shares.map(({ version, share }): Span => {
    return [`  ${version} ${Math.round(share * 100)} %`, paintOf(version)];
  });
  return [...bars, ...legend];
}

function column(bucket: Bucket | null, most: number): Span {
  if (bucket === null) return " ";
  if (bucket.failed > 0) return ["✗", red];
  const height = Math.ceil(answers(bucket) / most * HEIGHTS.length) - 1;
  return [HEIGHTS[Math.max(0, height)]!, paintOf(leader(bucket))];
}

/** Names under the columns where a version begins to answer, and where one was refused. */
function names(
  columns: readonly (Bucket | null)[],
  refused: readonly { refusal: Refusal; column: number }[],
): Line {
  const spans: Span[] = [];
  let used = 0;
  let known: string | null = null;
  const put = (column: number, text: string, paint: Paint) => {
    if (column < used || column + text.length > columns.length) return;
    spans.push(" ".repeat(column - used), [text, paint]);
    used = column + text.length + 1;
    spans.push(" ");
  };
  columns.forEach((bucket, column) => {
    const mark = refused.find((refusal) => refusal.column === column);
    if (mark !== undefined) put(column, `✗${mark.refusal.id}`, red);
    if (bucket === null || answers(bucket) === 0) return;
    const version = leader(bucket);
    if (version !== known) put(column, version, paintOf(version));
    known = version;
  });
  return spans;
}

function answers({ byVersion }: Bucket): number {
  return Object.values(byVersion).reduce((sum, count) => sum + count, 0);
}

function leader({ byVersion }: Bucket): string {
  const [first] = Object.entries(byVersion).toSorted(([, a], [, b]) => b - a);
  return first?.[0] ?? "";
}

function numberOf(version: string): number {
  return Number(/\d+/.exec(version)?.[0] ?? 0);
}
