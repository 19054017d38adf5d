import { type Archiver, COMMAND_INSTEAD, SnapshotError } from "./archiver.ts";
import type { SavedMount } from "./mounts.ts";

/** What there is to choose from. */
export interface ArchiverChoice {
  /** Reads volumes on this host; null: its programs are not installed. */
  readonly host: Archiver | null;
  readonly isRoot: boolean;
}

/**
 * Who collects the bytes: we ourselves where we can get at all of them.
 *
 * @throws {SnapshotError} When we cannot; the message says what is lacking.
 */
export function chooseArchiver(
  mounts: readonly SavedMount[],
  { host, isRoot }: ArchiverChoice,
): Archiver {
  const elsewhere = mounts.filter(({ directory }) => directory === null).map(({ name }) => name);
  const lacks = [
    ...(isRoot ? [] : ["liveroll is not root"]),
    ...(host === null ? ["tar, du and zstd or gzip are not installed"] : []),
    ...(elsewhere.length === 0 ? [] : [`${elsewhere.join(", ")} cannot be found on this host`]),
  ];
  if (host !== null && lacks.length === 0) return host;
  throw new SnapshotError(
    `Cannot take a snapshot: ${lacks.join(", ")}; ${COMMAND_INSTEAD}`,
  );
}
