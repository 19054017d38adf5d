import type { Archiver } from "./snapshot/archiver.ts";
import { chooseArchiver } from "./snapshot/choose_archiver.ts";
import { findHostArchiver } from "./snapshot/find_archivers.ts";
import type { SavedMount } from "./snapshot/mounts.ts";

/**
 * Who can get at all of `mounts`, beside containers: we ourselves, as root, with GNU tar.
 *
 * @param env The environment of this process.
 * @throws {SnapshotError} When we cannot; the message says what is missing.
 */
export async function findArchiver(
  mounts: readonly SavedMount[],
  env: Readonly<Record<string, string>>,
): Promise<Archiver> {
  return chooseArchiver(mounts, {
    host: await findHostArchiver(env),
    isRoot: Deno.uid() === 0,
  });
}
