import { syncAll, syncPath } from "../../platform/durable.ts";
import { parentOf } from "../../platform/paths.ts";
import { decompress } from "./decompress.ts";
import type { ArchiveEntry } from "./entry.ts";
import { ARCHIVE_SUFFIXES, archiveFormat } from "./format.ts";
import { DEFAULT_LIMITS, type ExtractLimits, ExtractMeter } from "./limits.ts";
import { badArchive, shown } from "./refuse.ts";
import { readTar } from "./tar_reader.ts";
import { ReleaseWriter } from "./writer.ts";
import { readZip } from "./zip_reader.ts";

/** Begins the names of directories that are being extracted into. */
export const PARTIAL_PREFIX = ".extract-";

const ROOT_MODE = 0o755;

/** How {@linkcode extract} goes about it. */
export interface ExtractOptions {
  /** The directory to make; nothing may be there yet. */
  readonly into: string;
  /** Tells the format by its ending, where the name of the file does not. */
  readonly name?: string;
  readonly limits?: Partial<ExtractLimits>;
  readonly signal?: AbortSignal;
}

/**
 * Extracts an archive into a new directory, completely or not at all: what is there under its name
 * is whole and on the disk. Owners, times and special permission bits are not kept.
 *
 * @throws {ArtifactRefusedError} When the archive is broken, hostile or too large.
 * @throws {Deno.errors.AlreadyExists} When there is something at the place.
 */
export async function extract(archive: string, options: ExtractOptions): Promise<void> {
  const { into, signal } = options;
  const parent = parentOf(into);
  const partial = await Deno.makeTempDir({ dir: parent, prefix: PARTIAL_PREFIX });
  try {
    await fill(partial, archive, options);
    signal?.throwIfAborted();
    await refuseExisting(into);
    await Deno.rename(partial, into);
  } catch (error) {
    // The next start removes what cannot be removed now; what matters is the first error.
    await Deno.remove(partial, { recursive: true }).catch(() => {});
    throw error;
  }
  await syncPath(parent);
}

async function fill(directory: string, archive: string, options: ExtractOptions): Promise<void> {
  const { signal } = options;
  using file = await Deno.open(archive);
  const { size } = await file.stat();
  const meter = new ExtractMeter(size, { ...DEFAULT_LIMITS, ...options.limits });
  const writer = new ReleaseWriter(directory, meter, signal);
  for await (const entry of readEntries(file, archive, meter, options)) await writer.write(entry);
  const { files, directories } = writer.tree;
  await syncAll([...files, ...directories].map((path) => `${directory}/${path}`), signal);
  await Deno.chmod(directory, ROOT_MODE & ~Deno.umask());
  await syncPath(directory);
}

function readEntries(
  file: Deno.FsFile,
  archive: string,
  meter: ExtractMeter,
  { name = archive, signal }: ExtractOptions,
): AsyncGenerator<ArchiveEntry> {
  const format = archiveFormat(name);
  if (format === null) {
    throw badArchive(`${shown(name)} ends in none of ${ARCHIVE_SUFFIXES.join(" ")}`);
  }
  if (format.container === "zip") return readZip(archive, meter);
  return readTar(meter.count(decompress(format.compression, file, signal)));
}

/** A rename would take the place of an empty directory without a word. */
async function refuseExisting(path: string): Promise<void> {
  const found = await Deno.lstat(path).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  });
  if (found !== null) throw new Deno.errors.AlreadyExists(`Cannot extract into ${path}: it exists`);
}
