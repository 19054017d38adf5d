import type { Log } from "../../platform/log.ts";
import type { InstanceRecord } from "../../roll/journal.ts";
import { EventStore } from "../../state/event_store.ts";
import { History } from "../../state/history.ts";
import { SqliteJournal } from "../../state/sqlite_journal.ts";
import { StateDirectory } from "../../state/state_directory.ts";
import { findOrphans, tokenPrefix } from "../../runtime/orphans.ts";
import type { Records } from "./operator.ts";

const RETRY_MS = 5_000;

const NO_ROLLS = { succeeded: 0, failed: 0, rolled_back: 0, interrupted: 0, skipped: 0 };

/** Who is told of the state's fate. */
export interface StateListener {
  /** Everything is written down again. */
  onRecovered(): void;
  /** The directory had to be made again: what was opened in it is open nowhere now. */
  onRestored(): void;
}

/** Who can tell what runs. */
export interface Adopter {
  /** Whether instances can live without us. */
  readonly outlives: boolean;
  /** @default By the environment of processes. */
  findOrphans?: (
    known: readonly InstanceRecord[],
    signal?: AbortSignal,
  ) => Promise<InstanceRecord[]>;
}

/** Everything durable of one application, from the lock to the last event. */
export class State implements Disposable {
  readonly directory: StateDirectory;
  readonly journal: SqliteJournal;
  readonly events: EventStore;
  /** What the tokens of all instances begin with. */
  readonly tokenPrefix: string;
  readonly #log: Log;
  #trouble = "";
  #retrying: ReturnType<typeof setInterval> | null = null;

  /**
   * @throws {StateLockedError} When another liveroll works with the directory.
   * @throws {Error} When the directory cannot be used.
   */
  static open(path: string, log: Log): State {
    const directory = StateDirectory.open(path);
    return new State(directory, tokenPrefix(directory.path), log);
  }

  private constructor(directory: StateDirectory, tokenPrefix: string, log: Log) {
    this.directory = directory;
    this.tokenPrefix = tokenPrefix;
    this.#log = log;
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

  /**
   * Looks for instances that run and are not written down, since the database was damaged or could
   * not be written: they are written down now, and looked after like all others.
   *
   * @param runtime Whose instances they are.
   * @throws {Error} When it cannot be asked; never, where instances are processes.
   */
  async takeInOrphans(runtime: Adopter, signal?: AbortSignal): Promise<void> {
    const known = this.journal.instances;
    const orphans = await runtime.findOrphans?.(known, signal) ??
      await findOrphans(this.tokenPrefix, known, runtime);
    for (const orphan of orphans) {
      const { id, port, pid } = orphan;
      this.#log.warn(`${id}@${port} (pid ${pid}) runs and was not written down: it is taken in`, {
        event: "state.orphan",
        id,
        port,
        pid,
      });
      await this.journal.takeIn(orphan);
    }
  }

  /** How many rolls ended how. */
  counts(): typeof NO_ROLLS {
    return this.journal.db === null ? NO_ROLLS : new History(this.journal.db).counts();
  }

  /** Looks now and then whether everything is where it was, and writes down what could not be. */
  keepTrying({ onRecovered, onRestored }: StateListener): void {
    this.#retrying = setInterval(() => {
      if (this.#keepDirectory()) onRestored();
      if (this.journal.problem !== null && this.journal.retry()) onRecovered();
    }, RETRY_MS);
  }

  #keepDirectory(): boolean {
    try {
      if (!this.directory.keep()) return false;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (why !== this.#trouble) this.#log.error(why, { event: "state.lost" });
      this.#trouble = why;
      return false;
    }
    this.#trouble = "";
    const { path } = this.directory;
    this.#log.error(`The state directory ${path} was taken away, and is made again`, {
      event: "state.restored",
    });
    // What is known goes into the new one; what was history is gone.
    this.journal.restore();
    return true;
  }

  [Symbol.dispose](): void {
    if (this.#retrying !== null) clearInterval(this.#retrying);
    this.events[Symbol.dispose]();
    this.journal[Symbol.dispose]();
    this.directory[Symbol.dispose]();
  }
}
