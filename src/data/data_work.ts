import type { Log } from "../platform/log.ts";
import type {
  DataChange,
  DataChanges,
  DataEnd,
  DataStep,
  Quiet,
  Serving,
} from "../roll/data_changes.ts";
import { OutageError, RemainsError } from "../roll/effects.ts";
import type { Contract } from "./contract.ts";
import type { DataMemory, DataRecord, DataStage } from "./data_record.ts";
import type { Writers } from "./writers.ts";

/** Copies of the data of an application. */
export interface Snapshots {
  /** Looks whether one could be taken. @throws {Error} When it could not; nothing was changed. */
  foresee(signal: AbortSignal): Promise<void>;
  /**
   * Takes one.
   *
   * @returns Its name.
   * @throws {Error} When it cannot be taken; nothing of it is left behind.
   */
  take(change: DataChange, signal: AbortSignal): Promise<string>;
  /** Puts everything back as it was. @throws {Error} When it cannot; the snapshot stays. */
  restore(snapshot: string): Promise<void>;
  /** Removes those that are too many. Never rejects. */
  prune(): Promise<void>;
}

/** Commands that change data. */
export interface Migrations {
  /** @throws {Error} When it failed, with its last words. */
  forth(change: DataChange, signal: AbortSignal): Promise<void>;
  /** Takes {@linkcode Migrations.forth} back; absent: there is no command for it. */
  back?: (change: DataChange) => Promise<void>;
}

/** What is done to data around a roll. */
export interface DataWorkOptions {
  readonly memory: DataMemory;
  /** Null: none are taken. */
  readonly snapshots: Snapshots | null;
  /** Null: versions change their data themselves, if they do. */
  readonly migrations: Migrations | null;
  readonly contract: Contract;
  /** Who may not run while the data is changed; null: versions run side by side anyway. */
  readonly writers: Pick<Writers, "hold" | "requireStill"> | null;
  readonly log: Log;
}

const UNTOUCHED: DataEnd = { outcome: "untouched", detail: "" };
const PUT_OFF: DataEnd = {
  outcome: "put_off",
  detail: "its data is taken back when liveroll starts again",
};

/** Saves and changes data for a version, and takes that back: each deed is written down before it. */
export class DataWork implements DataChanges {
  readonly steps: readonly DataStep[];
  readonly #options: DataWorkOptions;

  constructor(options: DataWorkOptions) {
    this.#options = options;
    const { snapshots, migrations } = options;
    this.steps = [
      ...(snapshots === null ? [] : ["snapshot" as const]),
      ...(migrations === null ? [] : ["migrate" as const]),
    ];
  }

  get isOneWay(): boolean {
    const { migrations, contract } = this.#options;
    return this.steps.length > 0 && (migrations === null || contract !== "additive");
  }

  get obstacle(): string | null {
    const { now } = this.#options.memory;
    return now?.stage === "broken" ? now.detail : null;
  }

  async foresee(signal: AbortSignal): Promise<void> {
    await this.#options.snapshots?.foresee(signal);
  }

  async run(step: DataStep, change: DataChange, signal: AbortSignal): Promise<void> {
    if (step === "snapshot") await this.#save(change, signal);
    else await this.#migrate(change, signal);
  }

  async commit(roll: number | null): Promise<void> {
    const { memory, snapshots, log } = this.#options;
    const { now } = memory;
    if (now === null || now.stage === "broken" || now.roll !== (roll ?? now.roll)) return;
    try {
      await memory.write(null);
    } catch (error) {
      // It is committed all the same: what serves is never put back to what was before.
      log.error(`Cannot write down that the data of roll ${now.roll} stays: ${messageOf(error)}`);
    }
    await snapshots?.prune();
  }

  async undo(roll: number, quiet: Quiet): Promise<DataEnd> {
    const { memory } = this.#options;
    const { now } = memory;
    return now === null || now.roll !== roll ? UNTOUCHED : await this.#takeBack(now, quiet);
  }

  isInTheWay({ roll, id }: Serving): boolean {
    const { now } = this.#options.memory;
    if (now === null || now.stage === "saving") return false;
    if (now.stage === "broken") return true;
    if (!this.isOneWay) return false;
    // In the middle of it the data is nobody's.
    const isHalfDone = now.stage === "migrating" || now.stage === "restoring";
    return isHalfDone || (now.roll !== roll && now.to !== id);
  }

  async recover(
    serving: Serving | null,
    good: string | null,
    quiet: Quiet,
  ): Promise<DataEnd | null> {
    const { memory, log } = this.#options;
    const { now } = memory;
    if (now === null || now.stage === "broken") return null;
    if (now.roll === serving?.roll || this.#mayHaveServed(now, [serving?.id, good])) {
      await this.commit(now.roll);
      return null;
    }
    log.warn(`Data was being changed for ${now.to} when liveroll ended: it is taken back`, {
      event: "data.recovering",
      roll: now.roll,
      stage: now.stage,
    });
    const end = await this.#takeBack(now, quiet);
    log.warn(`Data: ${end.detail || "nothing had been changed"}`, { event: "data.recovered" });
    return end;
  }

  /** A version that was good before, too, may be the target once more: then only the stage tells. */
  #mayHaveServed({ to, stage }: DataRecord, good: readonly (string | null | undefined)[]): boolean {
    const last = this.steps.at(-1) === "migrate" ? "migrated" : "saved";
    return good.includes(to) && stage === last;
  }

  async #save(change: DataChange, signal: AbortSignal): Promise<void> {
    const { snapshots } = this.#options;
    await this.#note({ ...change, stage: "saving", snapshot: null, detail: "" });
    const snapshot = await this.#alone(() => snapshots!.take(change, signal));
    await this.#note({ ...change, stage: "saved", snapshot, detail: "" });
  }

  async #migrate(change: DataChange, signal: AbortSignal): Promise<void> {
    const { memory, migrations } = this.#options;
    const snapshot = memory.now?.roll === change.roll ? memory.now.snapshot : null;
    await this.#note({ ...change, stage: "migrating", snapshot, detail: "" });
    await this.#alone(() => migrations!.forth(change, signal));
    await this.#note({ ...change, stage: "migrated", snapshot, detail: "" });
  }

  /** Where it cannot be written down, what was written before holds: by that it is taken back. */
  async #note(record: DataRecord): Promise<void> {
    const { memory } = this.#options;
    const before = memory.now;
    try {
      await memory.write(record);
    } catch (error) {
      await memory.write(before).catch(() => {});
      throw error;
    }
  }

  async #takeBack(record: DataRecord, quiet: Quiet): Promise<DataEnd> {
    const { contract, migrations, log } = this.#options;
    try {
      if (record.stage === "saving") return await this.#over(UNTOUCHED);
      if (record.stage === "broken") return broken(record);
      if (migrations !== null && contract === "additive") {
        const detail = record.stage === "saved"
          ? ""
          : "what its migration has changed stays, as it is additive";
        return await this.#over({ outcome: "untouched", detail });
      }
      return await this.#restore(record, quiet);
    } catch (error) {
      const why = messageOf(error);
      log.error(`The data of ${record.from ?? "before"} was not restored: ${why}`, {
        event: "data.broken",
        roll: record.roll,
      });
      return await this.#giveUp(record, why);
    }
  }

  async #restore(record: DataRecord, quiet: Quiet): Promise<DataEnd> {
    const { memory, snapshots, migrations, contract } = this.#options;
    const { stage, snapshot, from } = record;
    const restored: DataEnd = {
      outcome: "restored",
      detail: `the data of ${from ?? "before"} was restored`,
    };
    // What is half put back from a copy is nothing that a migration could be taken back from.
    const isByCopy = stage === "restoring";
    if (contract === "reversible" && migrations?.back !== undefined && !isByCopy) {
      if (stage === "saved") return await this.#over(UNTOUCHED);
      if (!await quiet()) return PUT_OFF;
      try {
        const { back } = migrations;
        await this.#alone(() => back(record));
        return await this.#over(restored);
      } catch (error) {
        const isLeft = error instanceof RemainsError;
        // What fails here may still be at work: neither a copy nor a version may meet it.
        if (isLeft && !await quiet(error.remains)) return PUT_OFF;
        const why = isLeft ? error.why : error;
        if (snapshot === null) throw why;
        this.#options.log.error(`A migration was not taken back: ${messageOf(why)}`);
      }
    }
    if (snapshots === null || snapshot === null) throw new Error("there is no snapshot");
    if (!await quiet()) return PUT_OFF;
    // From "migrated" the same would be done again: a full disk must not keep us from it.
    await memory.write({ ...record, stage: "restoring" }).catch(() => {});
    await this.#alone(() => snapshots.restore(snapshot));
    return await this.#over(restored);
  }

  /** An engine that is started again may bring back whom we have stopped. */
  async #alone<T>(work: () => Promise<T>): Promise<T> {
    const { writers } = this.#options;
    const outage = (error: unknown): never => {
      throw new OutageError(messageOf(error), { cause: error });
    };
    await writers?.hold().catch(outage);
    const result = await work();
    await writers?.requireStill().catch(outage);
    return result;
  }

  async #over(end: DataEnd): Promise<DataEnd> {
    const { memory, snapshots } = this.#options;
    await memory.write(null);
    await snapshots?.prune();
    return end;
  }

  async #giveUp(record: DataRecord, why: string): Promise<DataEnd> {
    const stage: DataStage = "broken";
    const last = { ...record, stage, detail: brokenText(record, why) };
    // What cannot be written is remembered as it was before, and tried again at the next start.
    await this.#options.memory.write(last).catch(() => {});
    return broken(last);
  }
}

function broken({ detail }: DataRecord): DataEnd {
  return { outcome: "not_restored", detail };
}

function brokenText({ roll, to, snapshot }: DataRecord, why: string): string {
  const fix = snapshot === null
    ? "see to the data, then: liveroll restore --accept"
    : `restore snapshot ${snapshot} by: liveroll restore ${snapshot}`;
  return `the data was changed for ${to} in roll ${roll} and was not restored (${why}): nothing ` +
    `is started on it; ${fix}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
