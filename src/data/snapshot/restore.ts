import { type ArchiveOptions, type Archiver, SnapshotError } from "./archiver.ts";
import type { SnapshotManifest } from "./manifest.ts";
import type { SavedMount } from "./mounts.ts";
import type { Snapshots } from "./snapshots.ts";

/**
 * Puts back what was saved. Whatever uses the volumes has to be stopped. The bytes are checked
 * before anything is removed; when it is cut short afterwards, it can be done again from the start.
 *
 * @param places Where the mounts of the service are now.
 * @throws {SnapshotError} When it is not possible; nothing is changed.
 * @throws What the archiver throws; the volumes may be empty by then.
 */
export async function restoreSnapshot(
  snapshots: Snapshots,
  id: string,
  places: readonly SavedMount[],
  archiver: Archiver,
  options: ArchiveOptions,
): Promise<SnapshotManifest> {
  const manifest = await snapshots.read(id);
  const { method, mounts } = manifest;
  if (method === "command") {
    throw new SnapshotError(
      `Cannot restore ${id}: a command has made it, and a command has to put it back`,
    );
  }
  const matched = mounts.map((mount) => {
    const place = places.find(({ type, name }) => type === mount.type && name === mount.name);
    if (place !== undefined) return place;
    throw new SnapshotError(`Cannot restore ${id}: the service has no ${mount.name} any more`);
  });
  await archiver.unpack(await snapshots.verify(id), mounts, matched, options);
  return manifest;
}
