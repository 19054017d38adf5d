import type { DatabaseSync } from "node:sqlite";
import {
  type InstanceRecord,
  type Journal,
  type JournalEntry,
  JournalError,
  type Memory,
  NO_MEMORY,
  type QuarantineRecord,
  type RollRecord,
  type Settings,
} from "../roll/journal.ts";
import { databasePath, openDatabase, readDatabase } from "./database.ts";
import { History, pruneRolls } from "./history.ts";
import { Ledger } from "./ledger.ts";

/** Ended rolls that may still be told of: the instance that they displaced is on its way out. */
const ROLLS_AT_HAND = 50;

const FACTS = ["instances", "proven", "quarantine", "settings", "seen", "lastRoll"] as const;
type Fact = (typeof FACTS)[number];

/** A part of the ledger that the database does not know yet: a fact, or a roll. */
type Part = Fact | number;

/** What a journal tells of itself. */
export interface JournalListener {
  /** A database could not be read and is out of the way now. */
  onSetAside(path: string, why: string): void;
}

/**
 * The journal in SQLite. Every entry is one transaction, durable when it resolves. What could not
 * be written is kept in memory and goes along with the next entry that can be.
 */
export class SqliteJournal implements Journal, Disposable {
  #memory: Memory;
  readonly #directory: string;
  readonly #listener: JournalListener;
  #ledger: Ledger;
  /** What has happened since, while it is not known what was before; null: that is known. */
  #unheard: JournalEntry[] | null = null;
  readonly #behind = new Set<Part>();
  #db: DatabaseSync | null = null;
  /** Tells the file from another one that took its place. */
  #inode: number | null = null;
  #problem: string | null = null;

  /** Never throws: what cannot be opened is a {@linkcode SqliteJournal.problem}. */
  static open(directory: string, listener: JournalListener): SqliteJournal {
    return new SqliteJournal(directory, listener);
  }

  private constructor(directory: string, listener: JournalListener) {
    this.#directory = directory;
    this.#listener = listener;
    this.#memory = this.#firstMemory();
    this.#ledger = new Ledger(this.#memory);
  }

  get memory(): Memory {
    return this.#memory;
  }

  /** Remembers an instance as if it had been written down in a former life. Never rejects. */
  async takeIn(instance: InstanceRecord): Promise<void> {
    this.#memory = { ...this.#memory, instances: [...this.#memory.instances, instance] };
    await this.write({ step: "instance.starting", instance }).catch(() => {});
  }

  /** Why nothing can be written down; null when everything is durable. */
  get problem(): string | null {
    return this.#problem;
  }

  /** For reading what was written down; null while there is none. */
  get db(): DatabaseSync | null {
    return this.#db;
  }

  /** Instances that are written down as started and not as gone. */
  get instances(): readonly InstanceRecord[] {
    return [...this.#ledger.instances.values()];
  }

  /** Instances that have ended in this life, the newest last. */
  get gone(): readonly InstanceRecord[] {
    return this.#ledger.gone;
  }

  // deno-lint-ignore require-await -- what fails is a rejection, like every other journal's failure
  async write(entry: JournalEntry): Promise<void> {
    this.#ledger.apply(entry);
    this.#unheard?.push(entry);
    for (const part of partsOf(entry)) this.#behind.add(part);
    this.#catchUp();
  }

  hasServed(id: string): boolean {
    if (this.#ledger.hasServed(id)) return true;
    try {
      return this.#db !== null && new History(this.#db).hasServed(id);
    } catch {
      return false;
    }
  }

  /**
   * Tries to write down what could not be written before.
   *
   * @returns Whether everything is durable now.
   */
  retry(): boolean {
    try {
      this.#catchUp();
      return true;
    } catch {
      return false;
    }
  }

  /** Writes everything that is known into the file where it should be, if that is another one now. */
  restore(): void {
    for (const fact of FACTS) this.#behind.add(fact);
    this.retry();
  }

  /** Writes down what is left and closes the database. */
  [Symbol.dispose](): void {
    if (this.#behind.size > 0) this.retry();
    this.#db?.close();
    this.#db = null;
  }

  #firstMemory(): Memory {
    try {
      return this.#connect();
    } catch (error) {
      this.#problem = describe(error);
      return this.#readOnlyMemory();
    }
  }

  /** A disk that is full or read-only still tells what was written on it. */
  #readOnlyMemory(): Memory {
    try {
      const db = readDatabase(this.#directory);
      try {
        return remember(db);
      } finally {
        db.close();
      }
    } catch {
      this.#unheard = [];
      return NO_MEMORY;
    }
  }

  #catchUp(): void {
    try {
      this.#connectAgain();
      if (this.#behind.size > 0) this.#save();
      this.#problem = null;
    } catch (error) {
      this.#problem = describe(error);
      throw new JournalError(this.#problem, { cause: error });
    }
  }

  /** SQLite goes on writing to a file that was deleted; nobody would ever find it again. */
  #connectAgain(): void {
    if (this.#db !== null && inodeOf(this.#directory) === this.#inode) return;
    this.#db?.close();
    this.#db = null;
    const content = this.#connect();
    if (this.#unheard !== null) this.#catchUpWith(content, this.#unheard);
    for (const fact of FACTS) this.#behind.add(fact);
    for (const roll of this.#ledger.rolls.keys()) this.#behind.add(roll);
  }

  /** What was before is known at last: what has happened since comes on top of it. */
  #catchUpWith(content: Memory, unheard: readonly JournalEntry[]): void {
    this.#ledger = new Ledger(content);
    for (const entry of unheard) this.#ledger.apply(entry);
    this.#unheard = null;
  }

  #connect(): Memory {
    const { db, content, setAside } = openDatabase(this.#directory, new Date(), remember);
    this.#db = db;
    this.#inode = inodeOf(this.#directory);
    if (setAside !== null) this.#listener.onSetAside(setAside.path, setAside.why);
    return content;
  }

  #save(): void {
    const db = this.#db!;
    db.exec("BEGIN IMMEDIATE");
    try {
      for (const part of this.#behind) {
        if (typeof part === "number") saveRoll(db, this.#ledger.rolls.get(part));
        else saveFact(db, part, this.#ledger);
      }
      db.exec("COMMIT");
    } catch (error) {
      if (db.isTransaction) db.exec("ROLLBACK");
      throw error;
    }
    this.#behind.clear();
    this.#letGo();
  }

  /** Rolls that are over need not be at hand. */
  #letGo(): void {
    const { rolls, lastRoll } = this.#ledger;
    for (const { roll, outcome } of rolls.values()) {
      if (outcome !== null && roll <= lastRoll - ROLLS_AT_HAND) rolls.delete(roll);
    }
  }
}

/** Which parts of the ledger an entry changes. */
function partsOf(entry: JournalEntry): Part[] {
  switch (entry.step) {
    case "roll.began":
      return [entry.roll, "lastRoll"];
    case "roll.ended":
    case "phase.ended":
      return [entry.roll];
    case "version.proven":
      return ["proven"];
    case "version.seen":
      return ["seen"];
    case "quarantine.changed":
      return ["quarantine"];
    case "settings.changed":
      return ["settings"];
    default:
      return ["instances"];
  }
}

function saveRoll(db: DatabaseSync, record: RollRecord | undefined): void {
  if (record === undefined) return;
  const { roll, trigger, outcome } = record;
  db.prepare("INSERT OR REPLACE INTO rolls (roll, trigger, outcome, record) VALUES (?, ?, ?, ?)")
    .run(roll, trigger, outcome, JSON.stringify(record));
  if (outcome === null) pruneRolls(db, roll);
}

function saveFact(db: DatabaseSync, name: Fact, ledger: Ledger): void {
  const values: Record<Fact, unknown> = {
    instances: [...ledger.instances.values()],
    proven: ledger.proven,
    quarantine: [...ledger.quarantine.values()],
    settings: ledger.settings,
    seen: [...ledger.seen],
    lastRoll: ledger.lastRoll,
  };
  db.prepare("INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)")
    .run(name, JSON.stringify(values[name]));
}

/** Everything that the database says. */
export function remember(db: DatabaseSync): Memory {
  const fact = <T>(name: Fact, otherwise: T): T => {
    const row = db.prepare("SELECT value FROM facts WHERE name = ?").get(name);
    return row === undefined ? otherwise : JSON.parse(String(row.value)) as T;
  };
  const unfinished = db.prepare("SELECT record FROM rolls WHERE outcome IS NULL ORDER BY roll")
    .all();
  return {
    lastRoll: fact("lastRoll", 0),
    unfinished: unfinished.map(({ record }) => JSON.parse(String(record)) as RollRecord),
    instances: fact<InstanceRecord[]>("instances", []),
    proven: fact<string[]>("proven", []),
    quarantine: fact<QuarantineRecord[]>("quarantine", []),
    settings: { ...NO_MEMORY.settings, ...fact<Partial<Settings>>("settings", {}) },
    seen: new Map(fact<[string, number][]>("seen", [])),
  };
}

function inodeOf(directory: string): number | null {
  try {
    return Deno.statSync(databasePath(directory)).ino;
  } catch {
    return null;
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
