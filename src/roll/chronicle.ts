import type { RollEvent } from "./events.ts";
import type { Journal, JournalEntry } from "./journal.ts";

/** The journal as the work sees it: intents must be durable, results should be. */
export class Chronicle {
  readonly #journal: Journal;
  readonly #observe: (event: RollEvent) => void;
  #problem: string | null = null;

  constructor(journal: Journal, observe: (event: RollEvent) => void) {
    this.#journal = journal;
    this.#observe = observe;
  }

  /** Why nothing is durable just now; null when all is well. */
  get problem(): string | null {
    return this.#problem;
  }

  /**
   * Writes down what is about to be done.
   *
   * @throws {Error} When it cannot be made durable: it should not be done then.
   */
  async intend(entry: JournalEntry): Promise<void> {
    try {
      await this.#journal.write(entry);
    } catch (error) {
      this.#failed(error instanceof Error ? error.message : String(error));
      throw error;
    }
    this.recovered();
  }

  /** Writes down what has happened, or must happen in any case; trouble is told, never thrown. */
  async note(entry: JournalEntry): Promise<void> {
    await this.intend(entry).catch(() => {});
  }

  /** Everything is durable again. */
  recovered(): void {
    if (this.#problem === null) return;
    this.#problem = null;
    this.#observe({ type: "journal.recovered" });
  }

  #failed(detail: string): void {
    const isNews = this.#problem !== detail;
    this.#problem = detail;
    if (isNews) this.#observe({ type: "journal.failed", detail });
  }
}
