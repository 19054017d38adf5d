import type { DatabaseSync } from "node:sqlite";
import type { RollOutcome } from "../roll/events.ts";
import type { RollRecord } from "../roll/journal.ts";
import type { LoggedEvent } from "../roll/logged_event.ts";

/** Rolls that are remembered. Restarts after crashes are forgotten first. */
const MAX_ROLLS = 10_000;
const MAX_RESTARTS = 2_000;

/** Reads what was written down. */
export class History {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** The newest rolls, the newest first. */
  history({ limit }: { limit: number }): RollRecord[] {
    const rows = this.#db.prepare("SELECT record FROM rolls ORDER BY roll DESC LIMIT ?").all(limit);
    return rows.flatMap((row) => parse<RollRecord>(row.record));
  }

  /** Null: there is no such roll. */
  roll(roll: number): RollRecord | null {
    const row = this.#db.prepare("SELECT record FROM rolls WHERE roll = ?").get(roll);
    return row === undefined ? null : parse<RollRecord>(row.record)[0] ?? null;
  }

  /** Whether a roll to `id` has succeeded. Reads all records: some ten milliseconds at most. */
  hasServed(id: string): boolean {
    // A quote in any text of a record is written with a backslash: only the key itself is found.
    const found = this.#db.prepare(
      "SELECT 1 FROM rolls WHERE outcome = 'succeeded' AND instr(record, ?) > 0 LIMIT 1",
    ).get(`"to":${JSON.stringify(id)}`);
    return found !== undefined;
  }

  /** How many rolls ended how, of all that are remembered. */
  counts(): Record<RollOutcome, number> {
    const counts = { succeeded: 0, failed: 0, rolled_back: 0, interrupted: 0, skipped: 0 };
    const rows = this.#db.prepare(
      "SELECT outcome, count(*) AS n FROM rolls WHERE outcome IS NOT NULL GROUP BY outcome",
    ).all();
    return { ...counts, ...Object.fromEntries(rows.map(({ outcome, n }) => [outcome, Number(n)])) };
  }

  /** The newest events, oldest first. */
  newest({ limit }: { limit: number }): LoggedEvent[] {
    const rows = this.#db.prepare("SELECT event FROM events ORDER BY seq DESC LIMIT ?").all(limit);
    return rows.flatMap((row) => parse<LoggedEvent>(row.event)).reverse();
  }

  /** Everything that was told of one roll, oldest first. */
  ofRoll(roll: number): LoggedEvent[] {
    const rows = this.#db.prepare("SELECT event FROM events WHERE roll = ? ORDER BY seq").all(roll);
    return rows.flatMap((row) => parse<LoggedEvent>(row.event));
  }
}

/** Forgets what is too old; part of somebody else's transaction. */
export function pruneRolls(db: DatabaseSync, newest: number): void {
  db.prepare("DELETE FROM rolls WHERE roll <= ?").run(newest - MAX_ROLLS);
  db.prepare("DELETE FROM rolls WHERE roll <= ? AND trigger IN ('crash', 'liveness')")
    .run(newest - MAX_RESTARTS);
}

/** A row that became unreadable must not hide the others. */
function parse<T>(text: unknown): T[] {
  try {
    return [JSON.parse(String(text)) as T];
  } catch {
    return [];
  }
}
