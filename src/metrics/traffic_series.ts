import type { CountersSnapshot } from "../proxy/counters.ts";
import { DURATION_BOUNDS } from "../proxy/duration_histogram.ts";
import { quantile } from "./quantile.ts";

/** So often a point is added. */
const STEP_MS = 5_000;
/** A quarter of an hour. */
const MAX_POINTS = 180;

/** Requests in one step. */
export interface TrafficPoint {
  /** Per second. */
  total: number;
  /** Per second. */
  failed: number;
  /** 95 % were answered within this time; null: none was answered. */
  p95Ms: number | null;
}

/** What a {@linkcode TrafficSeries} needs. */
export interface TrafficSeriesSources {
  counters(): CountersSnapshot;
  /** Monotonic milliseconds. */
  clock: { now(): number };
}

/** Remembers how much there was to do in the last quarter of an hour. */
export class TrafficSeries implements Disposable {
  readonly #sources: TrafficSeriesSources;
  #points: TrafficPoint[] = [];
  #last: { at: number; counters: CountersSnapshot };
  #timer: ReturnType<typeof setInterval> | null = null;

  constructor(sources: TrafficSeriesSources) {
    this.#sources = sources;
    this.#last = this.#look();
  }

  /** Adds points by itself from now on, until disposed; keeps no process alive. */
  start(): void {
    this.#timer ??= setInterval(() => this.sample(), STEP_MS);
    Deno.unrefTimer(this.#timer);
  }

  /**
   * Adds what came since the last time. Timers are late when there is much to do, and a process may
   * be stopped for a while: rates are those of the time that has really passed, and every step of
   * it gets its point.
   */
  sample(): void {
    const last = this.#last;
    const now = this.#look();
    const elapsedMs = now.at - last.at;
    // A stopped process gets its ticks in a bunch: the first one has told everything.
    if (elapsedMs < STEP_MS / 2) return;
    this.#last = now;
    const steps = Math.min(MAX_POINTS, Math.max(1, Math.round(elapsedMs / STEP_MS)));
    const point = difference(last.counters, now.counters, elapsedMs / 1000);
    this.#points.push(...Array.from({ length: steps }, () => point));
    this.#points = this.#points.slice(-MAX_POINTS);
  }

  /** Everything that is remembered, oldest first. */
  picture(): { stepSeconds: number; points: TrafficPoint[] } {
    return { stepSeconds: STEP_MS / 1000, points: [...this.#points] };
  }

  [Symbol.dispose](): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  #look(): { at: number; counters: CountersSnapshot } {
    return { at: this.#sources.clock.now(), counters: this.#sources.counters() };
  }
}

function difference(was: CountersSnapshot, is: CountersSnapshot, seconds: number): TrafficPoint {
  const buckets = is.durations.buckets.map((count, index) =>
    count - (was.durations.buckets[index] ?? 0)
  );
  const p95 = quantile(0.95, { bounds: DURATION_BOUNDS, buckets });
  return {
    total: (is.total - was.total) / seconds,
    failed: (is.failed - was.failed) / seconds,
    p95Ms: p95 === null ? null : Math.round(p95 * 1e6) / 1000,
  };
}
