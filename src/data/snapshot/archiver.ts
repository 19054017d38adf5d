import type { ArchivedMount } from "./manifest.ts";
import type { SavedMount } from "./mounts.ts";

/** How an archive is made or read. */
export interface ArchiveOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** Puts volumes and directories into one file, and back. */
export interface Archiver {
  /** Of the files that it makes: `.tar.zst` or `.tar.gz`. */
  readonly suffix: string;
  /** How many bytes there are to save. */
  measure(mounts: readonly SavedMount[], options: ArchiveOptions): Promise<number>;
  /**
   * Makes a file. What was written when it fails is of no use.
   *
   * @throws {Error} When anything is missing in it.
   */
  pack(
    path: string,
    mounts: readonly SavedMount[],
    options: ArchiveOptions,
  ): Promise<ArchivedMount[]>;
  /**
   * Empties the places and fills them from a file.
   *
   * @param places Where each mount is now, in the order of `mounts`.
   * @throws {Error} When it fails; what was in the places may be gone by then.
   */
  unpack(
    path: string,
    mounts: readonly ArchivedMount[],
    places: readonly SavedMount[],
    options: ArchiveOptions,
  ): Promise<void>;
}

/** What to do where volumes cannot be copied. */
export const COMMAND_INSTEAD = "use --snapshot command:CMD with a command that prints the data";

/** A snapshot cannot be taken or restored. */
export class SnapshotError extends Error {
  override readonly name = "SnapshotError";
}
