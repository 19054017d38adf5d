import type { Found } from "./checker.ts";
import type { Effects, Instance } from "./effects.ts";
import type { Trigger } from "./events.ts";
import { roll, type RollOptions, type RollResult } from "./roll.ts";
import type { Stage } from "./stage.ts";

/** What an attempt means for others; each is told in the same step in which it happens. */
export interface Consequences {
  /** A candidate has become current. */
  onSwitched(roll: number, instance: Instance, trigger: Trigger): void;
  /** A version was refused. @returns Milliseconds until it may be tried again, null: no quarantine. */
  onRefused(id: string, detail: string): number | null;
}

/** How an attempt ended; `interrupted`: it was called off, or something unexpected happened. */
export type AttemptOutcome = RollResult["outcome"] | "interrupted";

/** Rolls with their numbers and their events. */
export class Attempts {
  readonly #effects: Effects;
  readonly #stage: Stage;
  readonly #options: RollOptions;
  readonly #consequences: Consequences;
  #count = 0;

  constructor(
    effects: Effects,
    stage: Stage,
    options: RollOptions,
    consequences: Consequences,
  ) {
    this.#effects = effects;
    this.#stage = stage;
    this.#options = options;
    this.#consequences = consequences;
  }

  /** One roll. Never rejects, unless an observer throws. */
  async run({ id, trigger }: Found, signal: AbortSignal): Promise<AttemptOutcome> {
    const { observe, clock } = this.#effects;
    const number = ++this.#count;
    const began = clock.now();
    const from = this.#stage.current?.id ?? null;
    observe({ type: "roll.started", roll: number, trigger, from, to: id });
    const onSwitched = (instance: Instance) =>
      this.#consequences.onSwitched(number, instance, trigger);
    try {
      const plan = { roll: number, id, onSwitched };
      const result = await roll(plan, this.#stage, this.#effects, this.#options, signal);
      // A failure says nothing any more if another version has come to the front in between.
      if (result.outcome !== "succeeded") signal.throwIfAborted();
      this.#report(number, id, result, clock.now() - began);
      return result.outcome;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      observe({ type: "roll.interrupted", roll: number, id, reason });
      return "interrupted";
    }
  }

  #report(number: number, id: string, result: RollResult, durationMs: number): void {
    const { observe } = this.#effects;
    switch (result.outcome) {
      case "succeeded":
        return observe({ type: "roll.succeeded", roll: number, id, durationMs });
      case "port_busy": {
        const { port, holder } = result;
        return observe({ type: "port.busy", roll: number, id, port, holder });
      }
      case "failed": {
        const { reason, detail, lastLines } = result;
        const retryInMs = this.#consequences.onRefused(id, detail);
        observe({ type: "roll.failed", roll: number, id, reason, detail, lastLines, retryInMs });
      }
    }
  }
}
