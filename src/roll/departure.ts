import type { Chronicle } from "./chronicle.ts";
import type { Effects } from "./effects.ts";
import type { Instance } from "./instance.ts";
import { Phases } from "./phases.ts";
import { refer } from "./refer.ts";

/** How instances leave. */
export interface DepartureOptions {
  drainTimeoutMs: number;
  /** Who has drained is kept ready so long before it is stopped; 0: not at all. */
  keepWarmMs: number;
}

/** How one of them leaves. */
export interface Leave {
  /** Requests in flight may finish first. */
  drain: boolean;
  /** It may come back: it is kept ready for a while. */
  warm: boolean;
  /** The roll that this is part of; null: of none. */
  roll: number | null;
  /** Ends the drain at once when it aborts. */
  cut: AbortSignal;
}

/** How a departure ended. */
export type DepartureEnd =
  | "gone"
  | "called_off"
  /** It could not be ended: it may still run. */
  | "survived";

/**
 * One instance on its way out: drain, wait while it may be wanted back, stop. Until the stop begins
 * it can be called off.
 */
export class Departure {
  /** Resolves when all was done that could be; never rejects. */
  readonly over: Promise<DepartureEnd>;

  readonly #instance: Instance;
  readonly #leave: Leave;
  readonly #effects: Effects;
  readonly #chronicle: Chronicle;
  readonly #options: DepartureOptions;
  readonly #wakeUp = new AbortController();
  #state: "leaving" | "stopping" | "called_off" = "leaving";

  constructor(
    instance: Instance,
    leave: Leave,
    effects: Effects,
    chronicle: Chronicle,
    options: DepartureOptions,
  ) {
    this.#instance = instance;
    this.#leave = leave;
    this.#effects = effects;
    this.#chronicle = chronicle;
    this.#options = options;
    // Not in the step of the switch: that is told and written down first.
    this.over = Promise.resolve().then(() => this.#run());
  }

  /** Nothing that ends the instance has been done yet. */
  get canBeCalledOff(): boolean {
    return this.#state === "leaving" && this.#leave.drain && !this.#leave.cut.aborted;
  }

  /** The instance stays; only while {@linkcode canBeCalledOff}. */
  callOff(): void {
    this.#state = "called_off";
    this.#wakeUp.abort();
  }

  /** Its port is wanted: it is not kept warm any longer. */
  hurry(): void {
    this.#wakeUp.abort();
  }

  async #run(): Promise<DepartureEnd> {
    const { drain, warm } = this.#leave;
    if (drain) await this.#phase("drain", () => this.#drain());
    if (warm) await this.#keepWarm();
    if (this.#isCalledOff()) return "called_off";
    this.#state = "stopping";
    let end: DepartureEnd = "gone";
    await this.#phase("stop", async () => {
      end = await this.#stop();
    });
    return end;
  }

  async #drain(): Promise<void> {
    const { clock, traffic, observe } = this.#effects;
    const began = clock.now();
    this.#chronicle.note({ step: "drain.intended", key: this.#instance.key });
    const limitMs = this.#options.drainTimeoutMs;
    const report = await traffic.drain(this.#instance, limitMs, this.#leave.cut);
    const instance = refer(this.#instance);
    observe({ type: "drained", instance, ...report, durationMs: clock.now() - began });
  }

  async #keepWarm(): Promise<void> {
    const { keepWarmMs } = this.#options;
    const { cut } = this.#leave;
    const isOver = this.#wakeUp.signal.aborted || cut.aborted || this.#instance.exit !== null;
    if (keepWarmMs === 0 || isOver) return;
    const instance = refer(this.#instance);
    this.#effects.observe({ type: "instance.warm", instance, forMs: keepWarmMs });
    const gone = new AbortController();
    this.#instance.exited.then(() => gone.abort());
    const ends = AbortSignal.any([this.#wakeUp.signal, cut, gone.signal]);
    await this.#effects.clock.sleep(keepWarmMs, ends).catch(() => {});
  }

  async #stop(): Promise<DepartureEnd> {
    const { clock, observe } = this.#effects;
    const { key } = this.#instance;
    await this.#chronicle.note({ step: "stop.intended", key });
    const began = clock.now();
    const outcome = await this.#instance.stop();
    const durationMs = clock.now() - began;
    if (outcome !== "survived") await this.#chronicle.note({ step: "instance.gone", key });
    observe({ type: "instance.stopped", instance: refer(this.#instance), outcome, durationMs });
    return outcome === "survived" ? "survived" : "gone";
  }

  async #phase(name: "drain" | "stop", work: () => Promise<void>): Promise<void> {
    const { roll } = this.#leave;
    if (roll === null) return await work();
    await new Phases(roll, this.#effects, this.#chronicle).run(name, null, work);
  }

  #isCalledOff(): boolean {
    return this.#state === "called_off";
  }
}
