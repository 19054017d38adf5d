import type { DatabaseSync } from "node:sqlite";
import type { LoggedEvent } from "../roll/logged_event.ts";

const MAX_EVENTS = 20_000;
const MAX_CHARACTERS = 65_536;
const FLUSH_MS = 1_000;
const FLUSH_COUNT = 100;

/** Events that may wait while nothing can be written down. */
const MAX_PENDING = 1_000;

/** Writes events down, a second later at most. Losing the last of them at a power cut is no harm. */
export class EventStore implements Disposable {
  readonly #db: () => DatabaseSync | null;
  #pending: { roll: number | null; event: string }[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;

  /** @param db The database; null while there is none. */
  constructor(db: () => DatabaseSync | null) {
    this.#db = db;
  }

  /** Takes an event; neither throws nor waits. */
  add(event: LoggedEvent, roll: number | null): void {
    const text = JSON.stringify(event);
    this.#pending.push({ roll, event: text.length > MAX_CHARACTERS ? shortened(event) : text });
    if (this.#pending.length > MAX_PENDING) this.#pending.shift();
    if (this.#pending.length % FLUSH_COUNT === 0) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), FLUSH_MS);
  }

  /** Writes down what waits, if that is possible; what is not, waits for the next time. */
  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const db = this.#db();
    if (db === null || this.#pending.length === 0) return;
    try {
      save(db, this.#pending);
      this.#pending = [];
    } catch {
      // The journal tells what is wrong.
    }
  }

  [Symbol.dispose](): void {
    this.flush();
  }
}

function save(db: DatabaseSync, events: readonly { roll: number | null; event: string }[]): void {
  try {
    db.exec("PRAGMA synchronous=NORMAL; BEGIN IMMEDIATE");
    const insert = db.prepare("INSERT INTO events (roll, event) VALUES (?, ?)");
    for (const { roll, event } of events) insert.run(roll, event);
    db.prepare("DELETE FROM events WHERE seq <= (SELECT max(seq) FROM events) - ?").run(MAX_EVENTS);
    db.exec("COMMIT");
  } finally {
    if (db.isTransaction) db.exec("ROLLBACK");
    db.exec("PRAGMA synchronous=FULL");
  }
}

/** Without the lines of output, which are what makes an event long. */
function shortened(event: LoggedEvent): string {
  const inner = "lastLines" in event.event ? { ...event.event, lastLines: [] } : event.event;
  return JSON.stringify({ ...event, message: event.message.slice(0, 2_000), event: inner });
}
