import type { Chronicle } from "./chronicle.ts";
import type { ExchangeNotes } from "./effects.ts";
import type { Instance } from "./instance.ts";
import type { RollPlan, RollResult } from "./roll.ts";

/**
 * Writes down what a roll is about to do.
 *
 * @throws {Error} When the plan is strict, and it cannot be made durable: it should not be done then.
 */
export async function intend(
  { strict }: Pick<RollPlan, "strict">,
  chronicle: Chronicle,
  entry: Parameters<Chronicle["intend"]>[0],
): Promise<void> {
  if (strict) await chronicle.intend(entry);
  else await chronicle.note(entry);
}

/** How a roll ends of which something could not be written down. */
export function unwritable(error: unknown): RollResult {
  return { outcome: "unwritable", detail: error instanceof Error ? error.message : String(error) };
}

/** That a candidate takes over: written down once, with the first copy that tips the balance. */
export class SwitchIntent implements ExchangeNotes {
  /** Why it could not be made durable; null: it could, or was not tried. */
  problem: unknown = null;
  readonly #candidate: Instance;
  readonly #plan: RollPlan;
  readonly #chronicle: Chronicle;
  #isWritten = false;

  constructor(candidate: Instance, plan: RollPlan, chronicle: Chronicle) {
    this.#candidate = candidate;
    this.#plan = plan;
    this.#chronicle = chronicle;
  }

  async forth(): Promise<void> {
    if (this.#isWritten) return;
    const { roll, from } = this.#plan;
    const { key } = this.#candidate;
    this.problem = null;
    try {
      await intend(this.#plan, this.#chronicle, { step: "switch.intended", roll, key, from });
    } catch (error) {
      this.problem = error;
      throw error;
    }
    this.#isWritten = true;
  }

  async back(): Promise<void> {
    this.#isWritten = false;
    await this.#chronicle.note({ step: "drain.intended", key: this.#candidate.key });
  }
}
