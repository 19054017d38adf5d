import type { DatabaseSync } from "node:sqlite";
import type { HistoryEntry, RollDetails } from "../control/operator.ts";
import type { LoggedEvent } from "../roll/logged_event.ts";
import type { History } from "../state/history.ts";
import { printable } from "./print/cell.ts";
import type * as Running from "./run/operator.ts";
import type { Talk } from "./talk.ts";

/** How records become what the API tells. */
type Shapes = Pick<typeof Running, "historyEntry" | "rollDetails">;

/** What the database of an application tells while liveroll does not run. */
export interface Records extends Disposable {
  /** Newest first. */
  history(options: { limit: number }): HistoryEntry[];
  /** Null: there is no such roll. */
  roll(id: number): RollDetails | null;
  /** The newest decisions, oldest first. */
  decisions(options: { limit: number }): LoggedEvent[];
}

/**
 * Opens the records, read-only and without a lock; null when there are none that can be read. Why
 * they cannot be read is said on standard error.
 */
export async function recordsOf({ io, place }: Talk): Promise<Records | null> {
  if (place.stateDir === null) return null;
  const { readDatabase } = await import("../state/database.ts");
  const { History } = await import("../state/history.ts");
  const { historyEntry, rollDetails } = await import("./run/operator.ts");
  let db: DatabaseSync | null = null;
  try {
    db = readDatabase(place.stateDir);
    const history = new History(db);
    history.counts();
    return recordsIn(db, history, { historyEntry, rollDetails });
  } catch (error) {
    db?.close();
    if (!(error instanceof Deno.errors.NotFound)) {
      const detail = error instanceof Error ? error.message : String(error);
      io.err(printable(`liveroll: Cannot read the records in ${place.stateDir}: ${detail}`));
    }
    return null;
  }
}

function recordsIn(
  db: DatabaseSync,
  history: History,
  { historyEntry, rollDetails }: Shapes,
): Records {
  return {
    history: (options) => history.history(options).map(historyEntry),
    roll(id) {
      const record = history.roll(id);
      return record && rollDetails(record, history.ofRoll(id));
    },
    decisions: (options) => history.newest(options),
    [Symbol.dispose]: () => db.close(),
  };
}
