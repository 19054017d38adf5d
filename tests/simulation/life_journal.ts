import type { Clock } from "../../src/platform/clock.ts";
import {
  type Journal,
  type JournalEntry,
  JournalError,
  type Memory,
} from "../../src/roll/journal.ts";
import type { Fate } from "./fate.ts";
import type { Random } from "./random.ts";
import type { SimDisk } from "./sim_disk.ts";

/** Between two tries to write down what could not be. */
const RETRY_MS = 5_000;

/** A slow disk takes so long at most. */
const SLOW_MS = 40;

/** What the journal of one life works with. */
export interface LifeJournalTools {
  disk: SimDisk;
  fate: Fate;
  clock: Clock;
  rng: Random;
  /** Share of the writes that take their time. */
  slowWrites: number;
  /** Told of every entry when it is written, durable or not. */
  onEntry(entry: JournalEntry): void;
  /** Told when everything is durable after it was not. */
  onRecovered(): void;
}

/**
 * The journal of one life: entries become durable in their order; what cannot be written now goes
 * along with the next one that can be, and is lost with the life if none comes.
 */
export class LifeJournal implements Journal {
  readonly memory: Memory;
  readonly #tools: LifeJournalTools;
  #behind: JournalEntry[] = [];
  #writing: Promise<void> | null = null;
  #isRetrying = false;
  #problem: string | null = null;

  constructor(tools: LifeJournalTools) {
    this.#tools = tools;
    this.memory = tools.disk.memory();
  }

  /** Everything that was written is durable. */
  get isClean(): boolean {
    return this.#behind.length === 0;
  }

  /** The last write has failed. */
  get isBroken(): boolean {
    return this.#problem !== null;
  }

  write(entry: JournalEntry): Promise<void> {
    const { fate, onEntry } = this.#tools;
    if (!fate.isDead) onEntry(entry);
    return fate.do("write", () => this.#write(entry), () => this.#tear(entry));
  }

  hasServed(id: string): boolean {
    return this.#tools.disk.ledger.hasServed(id);
  }

  #write(entry: JournalEntry): void | Promise<void> {
    const { rng, slowWrites } = this.#tools;
    this.#behind.push(entry);
    // As SQLite: usually it is durable before the call returns.
    if (this.#writing === null && !rng.chance(slowWrites)) return this.#flush();
    const turn = (this.#writing ?? Promise.resolve()).catch(() => {}).then(async () => {
      await this.#tools.clock.sleep(rng.between(0, SLOW_MS));
      this.#flush();
    });
    const done = turn.finally(() => {
      if (this.#writing === done) this.#writing = null;
    });
    done.catch(() => {});
    this.#writing = done;
    return done;
  }

  /** Liveroll ends in the middle of a write: the entry is there, or it is not. */
  #tear(entry: JournalEntry): void {
    const { disk, rng } = this.#tools;
    this.#behind.push(entry);
    if (!disk.isFull && this.#writing === null && rng.chance(0.5)) disk.commit(this.#behind);
  }

  #flush(): void {
    const { disk } = this.#tools;
    if (disk.isFull) {
      this.#problem = "the disk is full";
      this.#retryLater();
      throw new JournalError(this.#problem);
    }
    const entries = this.#behind;
    this.#behind = [];
    this.#problem = null;
    disk.commit(entries);
  }

  #retryLater(): void {
    if (this.#isRetrying) return;
    this.#isRetrying = true;
    this.#tools.clock.sleep(RETRY_MS).then(() => {
      this.#isRetrying = false;
      if (!this.isBroken) return;
      try {
        this.#flush();
        this.#tools.onRecovered();
      } catch {
        // The next try is under way.
      }
    });
  }
}
