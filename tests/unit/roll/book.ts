import {
  type Journal,
  type JournalEntry,
  JournalError,
  type Memory,
  NO_MEMORY,
} from "../../../src/roll/journal.ts";
import { Ledger } from "../../../src/state/ledger.ts";

/** A journal on paper: every line can be read, and the disk is full whenever a test wants. */
export class Book implements Journal {
  readonly memory: Memory;
  /** What was asked to be written down, in order; also what could not be. */
  readonly lines: JournalEntry[] = [];
  /** Why nothing can be written now; null: all is well. */
  problem: string | null = null;
  readonly #ledger: Ledger;

  constructor(memory: Partial<Memory> = {}) {
    this.memory = { ...NO_MEMORY, ...memory };
    this.#ledger = new Ledger(this.memory);
  }

  write(entry: JournalEntry): Promise<void> {
    this.lines.push(entry);
    this.#ledger.apply(entry);
    if (this.problem === null) return Promise.resolve();
    return Promise.reject(new JournalError(this.problem));
  }

  hasServed(id: string): boolean {
    return this.#ledger.hasServed(id);
  }

  /** Lines of one kind. */
  of<T extends JournalEntry["step"]>(step: T): Extract<JournalEntry, { step: T }>[] {
    return this.lines.filter((line): line is Extract<JournalEntry, { step: T }> =>
      line.step === step
    );
  }

  /** The steps that concern instances and rolls, in order, for example `switch.done i2`. */
  get steps(): string[] {
    return this.lines.map((line) => {
      if ("key" in line) return `${line.step} ${line.key}`;
      if ("instance" in line) return `${line.step} ${line.instance.key}`;
      if ("roll" in line) return `${line.step} ${line.roll}`;
      return line.step;
    });
  }

  /** What the next life finds, if everything became durable in the end. */
  get next(): Memory {
    return this.#ledger.memory();
  }
}
