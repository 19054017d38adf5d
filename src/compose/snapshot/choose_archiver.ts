import { type Archiver, SnapshotError } from "./archiver.ts";
import type { SavedMount } from "./mounts.ts";

/** What there is to choose from. */
export interface ArchiverChoice {
  /** Reads volumes on this host; null: its programs are not installed. */
  readonly host: Archiver | null;
  /** Has the image do it; null: there is no such way. */
  readonly container: Archiver | null;
  readonly isRoot: boolean;
  /** The image of the service has `tar`, as far as is known. */
  readonly imageHasTar: boolean;
}

/**
 * Who collects the bytes: we ourselves where we can get at all of them, else the application's own
 * image.
 *
 * @throws {SnapshotError} When nobody can; the message says what each one lacks.
 */
export function chooseArchiver(
  mounts: readonly SavedMount[],
  { host, container, isRoot, imageHasTar }: ArchiverChoice,
): Archiver {
  const elsewhere = mounts.filter(({ directory }) => directory === null).map(({ name }) => name);
  const lacks = [
    ...(isRoot ? [] : ["liveroll is not root"]),
    ...(host === null ? ["tar, du and zstd or gzip are not installed"] : []),
    ...(elsewhere.length === 0 ? [] : [`${elsewhere.join(", ")} cannot be found on this host`]),
  ];
  if (host !== null && lacks.length === 0) return host;
  if (container !== null && imageHasTar) return container;
  const image = container === null ? "" : ", and the image has no tar";
  throw new SnapshotError(
    `Cannot take a snapshot: ${lacks.join(", ")}${image}; use --snapshot command:CMD with a ` +
      "command that prints the data",
  );
}
