import type { RollEvent } from "./events.ts";
import type { Journal, JournalEntry } from "./journal.ts";

/** The journal as the work sees it: intents must be durable, results should be. */
export class Chronicle {
  readonly #journal: Journal;
  readonly #observe: (event: RollEvent) => void;
  #problem: string | null = null;
  /** The end of the last write, well or not. */
  #written: Promise<void> = Promise.resolve();
  /** Told when everything is durable again. */
  #patient: (() => void)[] = [];

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
  intend(entry: JournalEntry): Promise<void> {
    const writing = this.#write(entry);
    this.#written = writing.catch(() => {});
    return writing;
  }

  /** Writes down what has happened, or must happen in any case; trouble is told, never thrown. */
  async note(entry: JournalEntry): Promise<void> {
    await this.intend(entry).catch(() => {});
  }

  /** Resolves when everything written so far is durable, or there is a {@linkcode problem}. */
  settled(): Promise<void> {
    return this.#written;
  }

  /** Resolves when there is no {@linkcode problem} any more: whoever keeps the journal tries again. */
  async recovery(): Promise<void> {
    if (this.#problem !== null) await new Promise<void>((resolve) => this.#patient.push(resolve));
  }

  /** Everything is durable again. */
  recovered(): void {
    if (this.#problem === null) return;
    this.#problem = null;
    for (const tell of this.#patient.splice(0)) tell();
    this.#observe({ type: "journal.recovered" });
  }

  async #write(entry: JournalEntry): Promise<void> {
    try {
      await this.#journal.write(entry);
    } catch (error) {
      this.#failed(error instanceof Error ? error.message : String(error));
      throw error;
    }
    this.recovered();
  }

  #failed(detail: string): void {
    const isNews = this.#problem !== detail;
    this.#problem = detail;
    if (isNews) this.#observe({ type: "journal.failed", detail });
  }
}
