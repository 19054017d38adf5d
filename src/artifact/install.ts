import { syncPath } from "../platform/durable.ts";
import { parentOf } from "../platform/paths.ts";
import { programName } from "../source/choice/asset_name.ts";
import { PARTIAL_PREFIX } from "./extract/extract.ts";
import { ARCHIVE_SUFFIXES } from "./extract/format.ts";
import { shown } from "./extract/refuse.ts";
import { ArtifactRefusedError } from "./refused.ts";

/** Packed, so that nobody could run it, but by nothing that is unpacked here. */
const PACKED = /\.(?:gz|bz2|xz|zst|lz|lz4|lzma|br|7z|rar|cab|deb|rpm|apk|dmg|pkg|msi|iso)$/i;

const MODE = 0o755;

/** What {@linkcode installFile} has to know. */
export interface InstallOptions {
  /** The directory to make; nothing may be there yet. */
  readonly into: string;
  /** What the file is called where it was published. */
  readonly name: string;
  /** Tag of the release. */
  readonly tag: string;
  readonly signal?: AbortSignal;
}

/**
 * Puts an artifact that is no archive into a new directory, completely or not at all: under the name
 * that it was published with, and executable. A program is there by its short name, too, as a link:
 * `app` for `app_1.2.3_linux_amd64`, so that commands need not change with versions.
 *
 * @throws {ArtifactRefusedError} When nobody could run it, or its name is none for a file.
 */
export async function installFile(file: string, options: InstallOptions): Promise<void> {
  const { into, name, tag, signal } = options;
  refuse(name);
  const parent = parentOf(into);
  const partial = await Deno.makeTempDir({ dir: parent, prefix: PARTIAL_PREFIX });
  try {
    await Deno.copyFile(file, `${partial}/${name}`);
    await Deno.chmod(`${partial}/${name}`, MODE);
    await syncPath(`${partial}/${name}`);
    const short = programName(name, tag);
    if (short !== null) await Deno.symlink(name, `${partial}/${short}`);
    await Deno.chmod(partial, MODE & ~Deno.umask());
    await syncPath(partial);
    signal?.throwIfAborted();
    await Deno.rename(partial, into);
  } catch (error) {
    // The next start removes what cannot be removed now; what matters is the first error.
    await Deno.remove(partial, { recursive: true }).catch(() => {});
    throw error;
  }
  await syncPath(parent);
}

function refuse(name: string): void {
  const why = PACKED.test(name)
    ? `it is packed, and ends in none of ${ARCHIVE_SUFFIXES.join(" ")}`
    : /^\.{0,2}$|[/\0]/.test(name)
    ? "it is no name for a file"
    : null;
  if (why === null) return;
  throw new ArtifactRefusedError("archive", `Cannot install ${shown(name)}: ${why}`);
}
