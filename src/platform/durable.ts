import { parentOf } from "./paths.ts";

/** Syncs that are under way at once share the journal's commits: far faster than one by one. */
const AT_ONCE = 16;

/**
 * Waits until files or directories are on the disk: their content, and, of directories, the names.
 *
 * @throws What the file system says.
 */
export async function syncAll(paths: Iterable<string>, signal?: AbortSignal): Promise<void> {
  const queue = paths[Symbol.iterator]();
  const work = async () => {
    // All of them take from the same iterator.
    for (let next = queue.next(); !next.done; next = queue.next()) {
      signal?.throwIfAborted();
      await syncPath(next.value);
    }
  };
  const results = await Promise.allSettled(Array.from({ length: AT_ONCE }, work));
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

/** {@linkcode syncAll} for one. */
export async function syncPath(path: string): Promise<void> {
  using file = await Deno.open(path);
  await file.sync();
}

/**
 * Writes a small file completely or not at all, and onto the disk.
 *
 * @param path Beside it, `path.tmp` is used on the way.
 */
export async function writeDurably(path: string, text: string): Promise<void> {
  const temporary = `${path}.tmp`;
  try {
    await Deno.writeTextFile(temporary, text);
    await syncPath(temporary);
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw error;
  }
  await syncPath(parentOf(path));
}
