/** How an archive is compressed as a whole. */
export type Compression = "none" | "gzip" | "bzip2" | "xz" | "zstd";

/** What an archive is by its name. */
export type ArchiveFormat =
  | { readonly container: "zip" }
  | { readonly container: "tar"; readonly compression: Compression };

const FORMATS: ReadonlyArray<readonly [suffix: string, ArchiveFormat]> = [
  [".tar.gz", tar("gzip")],
  [".tgz", tar("gzip")],
  [".tar.bz2", tar("bzip2")],
  [".tbz2", tar("bzip2")],
  [".tar.xz", tar("xz")],
  [".txz", tar("xz")],
  [".tar.zst", tar("zstd")],
  [".tzst", tar("zstd")],
  [".tar", tar("none")],
  [".zip", { container: "zip" }],
];

/** The endings that can be extracted. */
export const ARCHIVE_SUFFIXES: readonly string[] = FORMATS.map(([suffix]) => suffix);

/** What a file is by its name, in upper or lower case; null when it cannot be extracted. */
export function archiveFormat(name: string): ArchiveFormat | null {
  const lower = name.toLowerCase();
  return FORMATS.find(([suffix]) => lower.endsWith(suffix))?.[1] ?? null;
}

function tar(compression: Compression): ArchiveFormat {
  return { container: "tar", compression };
}
