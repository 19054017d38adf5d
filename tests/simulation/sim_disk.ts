import { type JournalEntry, type Memory, NO_MEMORY } from "../../src/roll/journal.ts";
import { Ledger } from "../../src/state/ledger.ts";

/** What is durable. An entry is on it whole or not at all, as SQLite sees to. */
export class SimDisk {
  /** Everything that follows from what was written. */
  ledger = new Ledger();
  /** Nothing can be written. */
  isFull = false;
  /** Told of every entry, right before it becomes durable. */
  onDurable: (entry: JournalEntry) => void = () => {};

  commit(entries: readonly JournalEntry[]): void {
    for (const entry of entries) {
      this.onDurable(entry);
      this.ledger.apply(entry);
    }
  }

  /** What a life finds when it begins. */
  memory(): Memory {
    return this.ledger.memory();
  }

  /** The file cannot be read any more: it is set aside, and an empty one begun. */
  damage(): void {
    this.ledger = new Ledger(NO_MEMORY);
  }
}
