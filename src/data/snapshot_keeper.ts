import type { Log } from "../platform/log.ts";
import type { DataChange } from "../roll/data_changes.ts";
import type { DataMemory } from "./data_record.ts";
import type { Snapshots } from "./data_work.ts";
import { type BackOptions, putBack } from "./put_back.ts";
import type { Saver } from "./saver.ts";
import type { Snapshots as SnapshotStore } from "./snapshot/snapshots.ts";

/** How the snapshots of an application are kept. */
export interface SnapshotKeeperOptions {
  readonly store: SnapshotStore;
  readonly app: string;
  readonly saver: Saver;
  readonly back: BackOptions;
  /** So many are kept. */
  readonly keep: number;
  /** All of them together may have so many bytes; the newest may have more. */
  readonly keepBytes: number;
  /** Names the one that may still be needed. */
  readonly memory: DataMemory;
  /** Milliseconds since 1970. */
  date(): number;
  readonly log: Log;
}

/** Where the snapshots of an application are, in its state directory. */
export function snapshotsIn(stateDir: string): string {
  return `${stateDir}/snapshots`;
}

/** Takes snapshots of the data of one application, puts them back and removes old ones. */
export class SnapshotKeeper implements Snapshots {
  readonly #options: SnapshotKeeperOptions;

  constructor(options: SnapshotKeeperOptions) {
    this.#options = options;
  }

  async foresee(signal: AbortSignal): Promise<void> {
    const { store, saver } = this.#options;
    await store.requireRoom(await saver.foresee(signal));
  }

  async take(change: DataChange, signal: AbortSignal): Promise<string> {
    const { store, app, saver, date, log } = this.#options;
    const at = new Date(date()).toISOString();
    const id = `${at.replaceAll(/[-:]|\.\d+/g, "")}-r${change.roll}`;
    const { source, ...how } = await saver.collect(change, signal);
    const { roll, from } = change;
    const about = { id, createdAt: at, version: from ?? "", project: app, service: app, roll };
    const { bytes, skipped } = await store.take({ ...about, ...how }, source);
    for (const { name, why } of skipped) log.warn(`Snapshot ${id} is without ${name}: ${why}`);
    log.info(`Snapshot ${id} has ${bytes} bytes`, { event: "snapshot.taken", snapshot: id, bytes });
    return id;
  }

  async restore(id: string): Promise<void> {
    const { store, back, log } = this.#options;
    await putBack(store, id, back);
    log.warn(`Snapshot ${id} was put back`, { event: "snapshot.restored", snapshot: id });
  }

  async prune(): Promise<void> {
    const { store, keep: count, keepBytes: bytes, memory, log } = this.#options;
    try {
      const needed = memory.now?.snapshot ?? null;
      const gone = await store.retain({ count, bytes }, needed === null ? [] : [needed]);
      for (const id of gone) log.info(`Removed snapshot ${id}`, { event: "snapshot.removed" });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      log.warn(`Old snapshots are not removed: ${why}`);
    }
  }
}
