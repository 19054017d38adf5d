import type { DataChange } from "../roll/data_changes.ts";

/**
 * How far a change of the data has come. The first, third and fifth are written *before* the deed.
 *
 * - `broken`: nobody knows what the data is like.
 */
export const DATA_STAGES = [
  "saving",
  "saved",
  "migrating",
  "migrated",
  "restoring",
  "broken",
] as const;

/** One of {@linkcode DATA_STAGES}. */
export type DataStage = (typeof DATA_STAGES)[number];

/** A change of the data that is not over: no version serves on it yet, and it was not taken back. */
export interface DataRecord extends DataChange {
  readonly stage: DataStage;
  /** Null: none was taken (yet). */
  readonly snapshot: string | null;
  /** Why it is broken, for people; else empty. */
  readonly detail: string;
}

/** Remembers the one change under way, across the end of the process and of the power. */
export interface DataMemory {
  /** Null: none. */
  readonly now: DataRecord | null;
  /** @throws {Error} When it cannot be made durable. */
  write(record: DataRecord | null): Promise<void>;
}

/** Reads what {@linkcode formatRecord} has written. @throws {SyntaxError} */
export function parseRecord(text: string): DataRecord {
  const value: unknown = JSON.parse(text);
  if (!isRecord(value)) throw new SyntaxError("it is no record of a change of data");
  const { roll, from, to, stage, snapshot, detail } = value;
  return { roll, from, to, stage, snapshot, detail };
}

/** One line of JSON. */
export function formatRecord(record: DataRecord): string {
  return JSON.stringify(record) + "\n";
}

function isRecord(value: unknown): value is DataRecord {
  if (typeof value !== "object" || value === null) return false;
  const { roll, from, to, stage, snapshot, detail } = value as Partial<DataRecord>;
  return Number.isInteger(roll) && typeof to === "string" && typeof detail === "string" &&
    [from, snapshot].every((text) => text === null || typeof text === "string") &&
    DATA_STAGES.some((known) => known === stage);
}
