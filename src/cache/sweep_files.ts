/** What may stay. */
export interface SweepOptions {
  /** Files that were written before are removed; milliseconds since 1970. */
  readonly before: number;
  /** All files together have no more than that: the oldest go. */
  readonly maxBytes: number;
  /** Name of files that stay, whatever their age. */
  readonly except: string;
}

interface Found {
  readonly path: string;
  readonly at: number;
  readonly bytes: number;
}

/**
 * Removes files below a directory. Somebody else may do the same at the same time.
 *
 * @throws What the file system says of the directory itself.
 */
export async function sweepFiles(directory: string, options: SweepOptions): Promise<void> {
  const found: Found[] = [];
  await find(directory, options.except, found);
  let bytes = found.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const file of found.toSorted((a, b) => a.at - b.at)) {
    if (file.at >= options.before && bytes <= options.maxBytes) return;
    await Deno.remove(file.path).catch(() => {});
    bytes -= file.bytes;
  }
}

async function find(directory: string, except: string, found: Found[]): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    const path = `${directory}/${name}`;
    if (isDirectory) {
      await find(path, except, found).catch(() => {});
      continue;
    }
    const facts = name === except ? null : await Deno.lstat(path).catch(() => null);
    if (facts === null) continue;
    found.push({ path, at: facts.mtime?.getTime() ?? 0, bytes: facts.size });
  }
}
