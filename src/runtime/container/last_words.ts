import { EngineUnreachableError } from "../../container/engine/engine_error.ts";
import { withDeadline } from "../../platform/clock.ts";
import type { Exit } from "../../roll/instance.ts";
import type { Crew } from "./crew.ts";
import type { Household } from "./household.ts";
import type { Replica } from "./replica.ts";

/** Time to read what a container printed last. */
const LAST_WORDS_MS = 1_000;

/** The end of an instance as a whole: told when its last words are known. */
export class LastWords {
  readonly #crew: Pick<Crew, "clock">;
  readonly #home: Pick<Household, "output" | "trouble" | "signal">;
  readonly #told = Promise.withResolvers<Exit>();
  #exit: Exit | null = null;

  constructor(
    crew: Pick<Crew, "clock">,
    home: Pick<Household, "output" | "trouble" | "signal">,
  ) {
    this.#crew = crew;
    this.#home = home;
  }

  /** How it has ended; null: it has not. */
  get exit(): Exit | null {
    return this.#exit;
  }

  /** Resolves when the end is told. */
  get told(): Promise<Exit> {
    return this.#told.promise;
  }

  /** It has ended; only the first end counts. @param last Whose last words matter. */
  await(exit: Exit, last: Replica | null): void {
    if (this.#exit !== null) return;
    this.#exit = exit;
    const { trouble, output, signal } = this.#home;
    trouble.ended();
    const told = (problem?: unknown) => {
      // An engine that is told to stop ends its containers first.
      if (problem instanceof EngineUnreachableError) trouble.strike(problem.message);
      trouble.ended();
      this.#told.resolve(exit);
    };
    if (last === null || last.state === "gone") return told();
    const listen = (signal: AbortSignal) => output.lastWords(last, signal);
    withDeadline(this.#crew.clock, LAST_WORDS_MS, signal, listen).then(() => told(), told);
  }

  /** It was stopped: nobody waits for its last words any more. */
  skip(exit: Exit): void {
    this.await(exit, null);
    this.#told.resolve(this.#exit!);
  }
}
