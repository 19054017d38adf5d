import type { Chronicle } from "./chronicle.ts";
import type { Effects } from "./effects.ts";
import type { PhaseName, PhaseRecord } from "./journal.ts";

/** Tells and writes down when the parts of one roll begin and end. */
export class Phases {
  readonly #roll: number;
  readonly #effects: Pick<Effects, "clock" | "date" | "observe">;
  readonly #chronicle: Chronicle;

  constructor(
    roll: number,
    effects: Pick<Effects, "clock" | "date" | "observe">,
    chronicle: Chronicle,
  ) {
    this.#roll = roll;
    this.#effects = effects;
    this.#chronicle = chronicle;
  }

  /**
   * Does one part of the roll.
   *
   * @param isGood Judges the result, where a bad one is no error.
   * @throws What `work` throws.
   */
  async run<T>(
    name: PhaseName,
    signal: AbortSignal | null,
    work: () => Promise<T>,
    isGood: (result: T) => boolean = () => true,
  ): Promise<T> {
    const { clock, date, observe } = this.#effects;
    const began = clock.now();
    const startedAt = date();
    const end = (outcome: PhaseRecord["outcome"]) =>
      this.#end({ name, startedAt, durationMs: clock.now() - began, outcome });
    observe({ type: "roll.phase", roll: this.#roll, name });
    try {
      const result = await work();
      end(isGood(result) ? "succeeded" : "failed");
      return result;
    } catch (error) {
      end(signal?.aborted ? "interrupted" : "failed");
      throw error;
    }
  }

  /** A record of what has happened, not of what will: nothing waits for it. */
  #end(phase: PhaseRecord): void {
    this.#effects.observe({ type: "roll.phase_ended", roll: this.#roll, phase });
    this.#chronicle.note({ step: "phase.ended", roll: this.#roll, phase });
  }
}
