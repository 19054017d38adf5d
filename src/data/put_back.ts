import type { Redact } from "../platform/output_tail.ts";
import { type ArchiveOptions, type Archiver, SnapshotError } from "./snapshot/archiver.ts";
import { restoreByCommand } from "./snapshot/command_dump.ts";
import type { ArchivedMount } from "./snapshot/manifest.ts";
import type { SavedMount, SnapshotEngine } from "./snapshot/mounts.ts";
import { restoreSnapshot } from "./snapshot/restore.ts";
import type { Snapshots } from "./snapshot/snapshots.ts";

/** What is needed to put snapshots back. */
export interface BackOptions extends ArchiveOptions {
  /** Knows where volumes are. */
  engine(): Promise<SnapshotEngine>;
  /** Who can get at all of `mounts`; throws if nobody can. */
  archiverFor(mounts: readonly SavedMount[]): Promise<Archiver>;
  /** In place of the command that was written down with the snapshot. */
  readonly command?: string;
  /** The whole environment of that command. */
  readonly env: Readonly<Record<string, string>>;
  readonly redact: Redact;
  /** Called when all is well so far, right before the data is changed: which of it. */
  onBegin?(mounts: readonly ArchivedMount[]): Promise<void>;
  /** Called when it has been changed. */
  onEnd?(mounts: readonly ArchivedMount[]): Promise<void>;
}

/**
 * Puts a snapshot back, after making sure that its bytes are those that were saved. Whoever uses
 * the data has to be stopped.
 *
 * @throws {SnapshotError} When it is damaged or does not fit; nothing is changed.
 * @throws {Error} When it cannot be put back; what was there may be gone by then.
 */
export async function putBack(store: Snapshots, id: string, options: BackOptions): Promise<void> {
  const { method, mounts, wayBack = {} } = await store.read(id);
  if (method === "command") {
    const command = options.command ?? wayBack.command;
    if (command === undefined) {
      throw new SnapshotError(`Cannot restore ${id}: nobody knows the command that reads it`);
    }
    const directory = wayBack.directory ?? "/";
    const path = await store.verify(id);
    await options.onBegin?.(mounts);
    await restoreByCommand(path, command, { ...options, directory });
    return await options.onEnd?.(mounts);
  }
  // What is damaged is told first: looking for the rest may take long, or fail for other reasons.
  await store.verify(id);
  const engine = mounts.some(({ type }) => type === "volume") ? await options.engine() : null;
  const places = await Promise.all(mounts.map((mount) => placeOf(id, mount, engine)));
  const archiver = await options.archiverFor(places);
  await options.onBegin?.(mounts);
  await restoreSnapshot(store, id, places, archiver, options);
  await options.onEnd?.(mounts);
}

async function placeOf(
  id: string,
  { type, name, target }: ArchivedMount,
  engine: SnapshotEngine | null,
): Promise<SavedMount> {
  const directory = type === "volume"
    ? await engine?.volumeMountpoint(name) ?? null
    : await Deno.realPath(name).catch(() => null);
  if (directory !== null) return { type, name, target, directory };
  const fix = type === "volume" ? `create it: docker volume create ${name}` : "create it";
  throw new SnapshotError(`Cannot restore ${id}: there is no ${type} ${name} any more, ${fix}`);
}
