import type { Log } from "../../platform/log.ts";
import { EventStore } from "../../state/event_store.ts";
import { History } from "../../state/history.ts";
import { SqliteJournal } from "../../state/sqlite_journal.ts";
import { StateDirectory } from "../../state/state_directory.ts";
import type { Records } from "./operator.ts";

const RETRY_MS = 5_000;

const NO_ROLLS = { succeeded: 0, failed: 0, rolled_back: 0, interrupted: 0 };

/** Everything durable of one application, from the lock to the last event. */
export class State implements Disposable {
  readonly directory: StateDirectory;
  readonly journal: SqliteJournal;
  readonly events: EventStore;
  #retrying: ReturnType<typeof setInterval> | null = null;

  /**
   * @throws {StateLockedError} When another liveroll works with the directory.
   * @throws {Error} When the directory cannot be used.
   */
  static open(path: string, log: Log): State {
    const directory = StateDirectory.open(path);
    return new State(directory, log);
  }

  private constructor(directory: StateDirectory, log: Log) {
    this.directory = directory;
    this.journal = SqliteJournal.open(directory.path, {
      onSetAside: (path, why) =>
        log.error(
          `The database could not be used (${why}): it is kept as ${path}, and a new one begun. ` +
            `What ran before is not known any more`,
          { event: "state.damaged", path, why },
        ),
    });
    this.events = new EventStore(() => this.journal.db);
    const { problem } = this.journal;
    if (problem === null) return;
    log.error(`Cannot write to the state directory ${directory.path}: ${problem}`, {
      event: "state.unwritable",
      problem,
    });
  }

  /** What was written down; nothing while there is no database. */
  get records(): Records {
    const history = () => this.journal.db && new History(this.journal.db);
    return {
      history: (options) => history()?.history(options) ?? [],
      roll: (roll) => history()?.roll(roll) ?? null,
      newest: (options) => {
        this.events.flush();
        return history()?.newest(options) ?? [];
      },
      ofRoll: (roll) => {
        this.events.flush();
        return history()?.ofRoll(roll) ?? [];
      },
    };
  }

  /** How many rolls ended how. */
  counts(): typeof NO_ROLLS {
    return this.journal.db === null ? NO_ROLLS : new History(this.journal.db).counts();
  }

  /** Tries now and then to write down what could not be; `onRecovered` is told when it is done. */
  keepTrying(onRecovered: () => void): void {
    this.#retrying = setInterval(() => {
      if (this.journal.problem !== null && this.journal.retry()) onRecovered();
    }, RETRY_MS);
  }

  [Symbol.dispose](): void {
    if (this.#retrying !== null) clearInterval(this.#retrying);
    this.events[Symbol.dispose]();
    this.journal[Symbol.dispose]();
    this.directory[Symbol.dispose]();
  }
}
