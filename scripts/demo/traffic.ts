/** Length of a bucket; the timeline has one column for each. */
export const BUCKET_MS = 500;

/** Buckets kept: enough for a very wide terminal. */
const MAX_BUCKETS = 240;
const MAX_FAILURES = 20;

/** What became of one request. */
export type Sample =
  | { at: number; ok: true; version: string; firstByteMs: number }
  | { at: number; ok: false; detail: string };

/** The answers of one stretch of time. */
export interface Bucket {
  /** When it began. */
  at: number;
  byVersion: Readonly<Record<string, number>>;
  failed: number;
  firstByteMs: readonly number[];
}

/** Everything counted so far. */
export interface Traffic {
  ok: number;
  failed: number;
  /** What the first failures were. */
  failures: readonly string[];
  /** Newest last; a stretch without answers has none. */
  buckets: readonly Bucket[];
}

/** Before the first request. */
export const NO_TRAFFIC: Traffic = { ok: 0, failed: 0, failures: [], buckets: [] };

/** Adds one sample; the argument is not changed. */
export function count(traffic: Traffic, sample: Sample): Traffic {
  const { buckets: known } = traffic;
  const at = bucketAt(sample.at);
  const last = known.at(-1);
  const bucket = last?.at === at ? last : { at, byVersion: {}, failed: 0, firstByteMs: [] };
  const before = last === bucket ? known.slice(0, -1) : known.slice(-MAX_BUCKETS + 1);
  const buckets = [...before, add(bucket, sample)];
  if (sample.ok) return { ...traffic, ok: traffic.ok + 1, buckets };
  const failures = [...traffic.failures, sample.detail].slice(0, MAX_FAILURES);
  return { ...traffic, failed: traffic.failed + 1, failures, buckets };
}

/** What happened in a stretch of time, added up. */
export interface Recent {
  answers: number;
  byVersion: Record<string, number>;
  /** Quantiles of the time to the first byte of a body, in milliseconds; null: no answers. */
  p50Ms: number | null;
  p99Ms: number | null;
}

/** Adds up the last `ms` milliseconds before `now`, in whole buckets. */
export function recent({ buckets }: Traffic, now: number, ms: number): Recent {
  const end = bucketAt(now);
  const window = buckets.filter(({ at }) => at >= end - ms && at < end);
  const byVersion: Record<string, number> = {};
  for (const bucket of window) {
    for (const [version, answers] of Object.entries(bucket.byVersion)) {
      byVersion[version] = (byVersion[version] ?? 0) + answers;
    }
  }
  const times = window.flatMap(({ firstByteMs }) => firstByteMs).toSorted((a, b) => a - b);
  return {
    answers: times.length,
    byVersion,
    p50Ms: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
  };
}

/** When the bucket of a time began. */
export function bucketAt(time: number): number {
  return Math.floor(time / BUCKET_MS) * BUCKET_MS;
}

/** The value below which the share `q` of `sorted` lies; null when it is empty. */
export function quantile(sorted: readonly number[], q: number): number | null {
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? null;
}

function add(bucket: Bucket, sample: Sample): Bucket {
  if (!sample.ok) return { ...bucket, failed: bucket.failed + 1 };
  const { version, firstByteMs } = sample;
  const byVersion = { ...bucket.byVersion, [version]: (bucket.byVersion[version] ?? 0) + 1 };
  return { ...bucket, byVersion, firstByteMs: [...bucket.firstByteMs, firstByteMs] };
}
