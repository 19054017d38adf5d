import type { DataChange } from "../roll/data_changes.ts";
import type { SnapshotSource, SnapshotSubject } from "./snapshot/snapshots.ts";

/** A snapshot that is about to be taken. */
export interface Collection extends Pick<SnapshotSubject, "method" | "skipped" | "wayBack"> {
  readonly source: SnapshotSource;
}

/** What a snapshot takes, as far as that can be told. */
export type Demand = Pick<SnapshotSource, "expectedBytes" | "marginBytes">;

/** Knows what belongs into a snapshot, and how it gets there. */
export interface Saver {
  /**
   * Looks, without disturbing anybody, whether {@linkcode Saver.collect} would find what it needs.
   *
   * @throws {Error} When it would not; the message has the fix.
   */
  foresee(signal: AbortSignal): Promise<Demand>;
  /**
   * Looks what there is to save.
   *
   * @throws {Error} When it cannot be saved; the message has the fix.
   */
  collect(change: DataChange, signal: AbortSignal): Promise<Collection>;
}
