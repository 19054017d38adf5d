import type { Attempts } from "./attempts.ts";
import type { Course } from "./course.ts";
import type { Chronicle } from "./chronicle.ts";
import { howItEnded } from "./describe.ts";
import type { Effects } from "./effects.ts";
import type { Instance } from "./instance.ts";
import type { Trigger } from "./events.ts";
import { Probation, type ProbationOptions, type Stakes, type Verdict } from "./probation.ts";
import type { ProvenVersions } from "./proven_versions.ts";
import { recall } from "./recall.ts";
import type { Recovery } from "./recovery.ts";
import { refer } from "./refer.ts";
import type { Restart } from "./restart_policy.ts";
import { probe } from "./probe.ts";
import type { Stage } from "./stage.ts";
import { watch } from "./watch.ts";

/** A person wanted exactly this, or it has been well before: there is nothing better to go back to. */
const WITHOUT_PROBATION: readonly Trigger[] = ["rollback", "automatic-rollback"];

/** What is looked after, and by what rules. */
export interface GuardOptions extends ProbationOptions {
  /** Time between two probes of what serves; 0: it is not probed. */
  livenessIntervalMs: number;
}

/** Who looks after what serves. */
export interface GuardTools {
  effects: Effects;
  chronicle: Chronicle;
  stage: Stage;
  attempts: Attempts;
  recovery: Recovery;
  proven: ProvenVersions;
}

/** What a guard needs of the one that decides. */
export interface GuardHost {
  /** Puts a version that served badly in quarantine. */
  quarantine(id: string, detail: string): void;
  tellRestart(restart: Restart): void;
  /** Something goes on that the end has to wait for. */
  besides(work: Promise<void>): void;
  /** What is decided may have to be decided anew. */
  changed(): void;
  /** Aborts when everything ends. */
  readonly stopping: AbortSignal;
}

/**
 * Looks after what serves: a new version that does not stay well for long enough has to give way to
 * the one before, and whoever stops answering later is replaced.
 */
export class Guard {
  readonly #tools: GuardTools;
  readonly #options: GuardOptions;
  readonly #host: GuardHost;
  #probation: Probation | null = null;
  #sick: Instance | null = null;
  #watching = new AbortController();
  readonly #watched = new WeakSet<Course>();

  constructor(tools: GuardTools, options: GuardOptions, host: GuardHost) {
    this.#tools = tools;
    this.#options = options;
    this.#host = host;
  }

  /** The version that comes back if the one that serves is not well; null: none has to. */
  get onProbation(): string | null {
    return this.#probation?.stakes.previousId ?? null;
  }

  /** What serves does not answer its probes, or should have been rolled back. */
  get isSick(): boolean {
    const { stage: { current }, recovery } = this.#tools;
    return current !== null && (current === this.#sick || current.id !== recovery.provenId);
  }

  /** `instance` has become current, in this very step. */
  arrived(course: Course, instance: Instance, previous: Instance | null): void {
    this.#replaced(course);
    const { proven, attempts } = this.#tools;
    const { minHealthyMs } = this.#options;
    const { target } = course;
    const previousId = proven.newest;
    const isNew = previousId !== null && previousId !== target.id;
    const isTrusted = WITHOUT_PROBATION.includes(target.trigger) && proven.has(target.id);
    // The version before could not live with the data any more.
    const canGoBack = !this.#tools.effects.data?.isOneWay || !attempts.changesData(course);
    if (minHealthyMs > 0 && isNew && !isTrusted && canGoBack) {
      const canReturn = previous?.id === previousId ? previous : null;
      this.#watched.add(course);
      this.#begin({ course, instance, previousId, previous: canReturn });
    } else proven.add(target.id);
    this.keepAnEyeOn(instance);
  }

  /** The roll is over, up to what {@linkcode arrived} has begun. */
  settle(course: Course): void {
    if (!this.#watched.has(course)) this.#tools.attempts.succeed(course, "");
  }

  /** Watches whether `instance` answers, as long as it serves. */
  keepAnEyeOn(instance: Instance): void {
    this.#watching.abort();
    this.#watching = new AbortController();
    this.#sick = null;
    const over = AbortSignal.any([this.#watching.signal, this.#host.stopping]);
    this.#listenTo(instance, over);
    const { livenessIntervalMs, healthProbeTimeoutMs, livenessThreshold } = this.#options;
    if (livenessIntervalMs === 0) return;
    const { effects } = this.#tools;
    this.#host.besides(watch(
      instance,
      (one, signal) => probe(one, effects, signal),
      effects.clock,
      {
        intervalMs: livenessIntervalMs,
        probeTimeoutMs: healthProbeTimeoutMs,
        threshold: livenessThreshold,
      },
      {
        onUnhealthy: (failures, detail) => this.#unhealthy(instance, failures, detail),
        onRecovered: () => this.#recovered(instance),
      },
      over,
    ));
  }

  /** The current instance has ended by itself, and was buried. */
  exited(instance: Instance): void {
    const { recovery, effects } = this.#tools;
    const excuse = instance.excuse ?? null;
    if (this.#probation?.stakes.instance === instance) {
      const detail = `it ${howItEnded(instance.exit!)} while it was watched`;
      if (excuse === null) return this.#goBack(detail);
      // It comes back as what is not known to be good, and is watched anew.
      this.#endProbation(`${detail}; it is not to blame: ${excuse}`);
    }
    this.#host.tellRestart(recovery.crashed(effects.clock.now()));
  }

  /** Nothing is looked after any more. */
  stop(): void {
    this.#watching.abort();
    this.#endProbation("liveroll was stopped before it had served for long");
  }

  /** As {@linkcode Guard.stop}, and somebody else goes on watching: nothing is decided. */
  leave(): void {
    this.#watching.abort();
    const probation = this.#probation;
    this.#probation = null;
    probation?.end();
  }

  #begin(stakes: Stakes): void {
    const probation = new Probation(stakes, this.#tools.effects, this.#options);
    this.#probation = probation;
    this.#host.besides(probation.verdict.then((verdict) => this.#judge(probation, verdict)));
  }

  #judge(probation: Probation, verdict: Verdict): void {
    if (this.#probation !== probation) return;
    if (verdict.outcome === "unhealthy") return this.#goBack(verdict.detail);
    if (verdict.outcome === "ended") return;
    this.#probation = null;
    const { course, instance } = probation.stakes;
    this.#tools.proven.add(instance.id);
    this.#tools.attempts.succeed(course, "");
    this.#host.changed();
  }

  /** What was watched serves no more: somebody went back on purpose, or something newer came. */
  #replaced({ target }: Course): void {
    const probation = this.#probation;
    if (target.trigger !== "rollback" || probation === null) {
      return this.#endProbation(`${target.id} took its place before it had served for long`);
    }
    this.#probation = null;
    probation.end();
    const { course, instance } = probation.stakes;
    const detail = `somebody went back to ${target.id} while it was watched`;
    const { stopping } = this.#host;
    this.#tools.attempts.rollBack(course, target.id, detail, instance.lastLines(), stopping);
  }

  #endProbation(detail: string): void {
    const probation = this.#probation;
    if (probation === null) return;
    this.#probation = null;
    probation.end();
    this.#tools.attempts.succeed(probation.stakes.course, detail);
  }

  /** The version before comes back: at once if an instance of it still lives, else by a start. */
  #goBack(detail: string): void {
    const probation = this.#probation!;
    const { course, instance, previousId, previous } = probation.stakes;
    const { attempts, recovery, stage, effects } = this.#tools;
    const { stopping } = this.#host;
    this.#probation = null;
    probation.end();
    recovery.revert(previousId);
    this.#host.quarantine(instance.id, detail);
    attempts.rollBack(course, previousId, detail, instance.lastLines(), stopping);
    if (previous !== null && stage.canReturn(previous)) this.#recall(course, previous);
    // What serves badly serves on until the one before is back, however often that is tried.
    else recovery.wanted(effects.clock.now(), "automatic-rollback");
    this.#host.changed();
  }

  /** What is told of `instance` changes with its copies. */
  #listenTo({ endpoints }: Instance, signal: AbortSignal): void {
    if (endpoints === undefined || signal.aborted) return;
    let isTold = true;
    const listening = endpoints.onChange(() => {
      if (!isTold) return;
      isTold = false;
      // After everything that the change is a part of.
      queueMicrotask(() => {
        isTold = true;
        if (!signal.aborted) this.#host.changed();
      });
    });
    signal.addEventListener("abort", () => listening[Symbol.dispose](), { once: true });
  }

  #recall({ number, target }: Course, previous: Instance): void {
    const { recovery, effects } = this.#tools;
    const from = target.id;
    recall(previous, number, from, this.#tools);
    recovery.serves(previous.id, effects.clock.now());
    effects.observe({ type: "roll.switched", roll: number, instance: refer(previous), from });
    this.keepAnEyeOn(previous);
  }

  #unhealthy(instance: Instance, failures: number, detail: string): void {
    const { stage, recovery, effects } = this.#tools;
    if (stage.current !== instance) return;
    if (this.#probation?.stakes.instance === instance) {
      return this.#goBack(`${failures} probes in a row failed: ${detail}`);
    }
    this.#sick = instance;
    effects.observe({ type: "instance.unhealthy", instance: refer(instance), failures, detail });
    this.#host.tellRestart(recovery.crashed(effects.clock.now(), "liveness"));
    this.#host.changed();
  }

  #recovered(instance: Instance): void {
    if (this.#sick !== instance) return;
    this.#sick = null;
    this.#tools.effects.observe({ type: "instance.recovered", instance: refer(instance) });
    if (!this.isSick && !this.#tools.recovery.isUnderWay) this.#tools.recovery.unwanted();
    this.#host.changed();
  }
}
