import type { Clock } from "../platform/clock.ts";
import type { Course } from "./course.ts";
import type { Effects } from "./effects.ts";
import type { Instance } from "./instance.ts";
import { probe } from "./probe.ts";
import { watch } from "./watch.ts";

/** A version that serves but has not proven itself for long enough is looked at so often. */
const LOOKS = 10;

/** Probing more often than this would be a load test. */
const LEAST_INTERVAL_MS = 250;

/** Of a version that is watched for an hour, nobody wants to hear after a quarter of it. */
const LONGEST_INTERVAL_MS = 5_000;

/** How a version proves itself after the switch. Times are milliseconds. */
export interface ProbationOptions {
  /** So long; 0: it need not. */
  minHealthyMs: number;
  healthProbeTimeoutMs: number;
  /** So many bad answers in a row are a failure. */
  livenessThreshold: number;
}

/** What a probation came to. */
export type Verdict =
  | { outcome: "proven" }
  | { outcome: "unhealthy"; detail: string }
  /** It was ended from outside. */
  | { outcome: "ended" };

/** What is at stake. */
export interface Stakes {
  readonly course: Course;
  readonly instance: Instance;
  /** The version that comes back if this one is not well. */
  readonly previousId: string;
  /** The instance that served before, if it was of that version. */
  readonly previous: Instance | null;
}

/** The time after a switch in which a new version has to stay well, or the one before comes back. */
export class Probation {
  readonly stakes: Stakes;
  /** Never rejects. */
  readonly verdict: Promise<Verdict>;
  readonly #end = new AbortController();

  constructor(
    stakes: Stakes,
    effects: Pick<Effects, "clock" | "probe">,
    options: ProbationOptions,
  ) {
    this.stakes = stakes;
    this.verdict = stakes.course.phases.run(
      "watch",
      this.#end.signal,
      () => this.#run(effects, options),
      ({ outcome }) => outcome !== "unhealthy",
    ).catch((): Verdict => ({ outcome: "ended" }));
  }

  /** Ends it without a verdict. */
  end(): void {
    this.#end.abort(new Error("something else has happened"));
  }

  async #run(
    effects: Pick<Effects, "clock" | "probe">,
    { minHealthyMs, healthProbeTimeoutMs, livenessThreshold }: ProbationOptions,
  ): Promise<Verdict> {
    const over = new AbortController();
    const signal = AbortSignal.any([this.#end.signal, over.signal]);
    const unhealthy = Promise.withResolvers<Verdict>();
    const watching = watch(
      this.stakes.instance,
      (instance, s) => probe(instance, effects, s),
      effects.clock,
      {
        intervalMs: Math.min(
          Math.max(minHealthyMs / LOOKS, LEAST_INTERVAL_MS),
          LONGEST_INTERVAL_MS,
        ),
        probeTimeoutMs: healthProbeTimeoutMs,
        threshold: livenessThreshold,
      },
      {
        onUnhealthy: (failures, problem) => {
          const detail = `${failures} probes in a row failed: ${problem}`;
          unhealthy.resolve({ outcome: "unhealthy", detail });
        },
      },
      signal,
    );
    try {
      const served = this.#served(effects.clock, minHealthyMs, signal);
      return await Promise.race([served, unhealthy.promise]);
    } finally {
      over.abort();
      await watching;
    }
  }

  /** A time at whose end nobody knows what it is like does not count. */
  async #served(clock: Clock, minHealthyMs: number, signal: AbortSignal): Promise<Verdict> {
    do await clock.sleep(minHealthyMs, signal); while (
      (this.stakes.instance.excuse ?? null) !== null
    );
    return { outcome: "proven" };
  }
}
