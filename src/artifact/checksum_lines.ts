import { nameOf } from "../platform/paths.ts";
import { ArtifactRefusedError } from "./refused.ts";

/** `DIGEST  NAME`, with `*` for binary files, and `\` before it when the name is escaped. */
const GNU = /^(?<escape>\\?)(?<digest>[0-9a-f]{64})(?:[ \t]+\*?)(?<name>.+)$/i;
const BSD = /^SHA256 ?\((?<name>.+)\) ?= ?(?<digest>[0-9a-f]{64})$/i;
const BARE = /^(?<digest>[0-9a-f]{64})$/i;

interface ChecksumLine {
  readonly digest: string;
  /** Null when there is only a digest. */
  readonly name: string | null;
}

/**
 * Finds the SHA-256 of an asset in the text of a checksum file, as GNU's and BSD's programs write
 * it, or as a digest alone.
 *
 * @param options.isOwn The file belongs to this asset alone: a single line counts, whatever name is
 * in it.
 * @returns In lower case; null when there is none for it.
 * @throws {ArtifactRefusedError} When there are two.
 */
export function findChecksum(
  text: string,
  asset: string,
  { isOwn }: { isOwn: boolean },
): string | null {
  const lines = text.split(/\r?\n/).map(parseLine).filter((line) => line !== null);
  const isOnly = isOwn && lines.length === 1;
  const own = lines.filter(({ name }) => isOnly || name !== null && nameOf(name) === asset);
  const digests = new Set(own.map(({ digest }) => digest.toLowerCase()));
  if (digests.size <= 1) return [...digests][0] ?? null;
  throw new ArtifactRefusedError(
    "checksum",
    `Cannot use ${asset}: its checksum file has several for it: ${[...digests].join(", ")}`,
  );
}

function parseLine(line: string): ChecksumLine | null {
  const text = line.trim();
  const groups = (GNU.exec(text) ?? BSD.exec(text) ?? BARE.exec(text))?.groups;
  const { digest, name, escape } = groups ?? {};
  if (digest === undefined) return null;
  return { digest, name: name === undefined ? null : escape ? unescaped(name) : name };
}

function unescaped(name: string): string {
  return name.replace(/\\(.)/g, (_, char) => char === "n" ? "\n" : char === "r" ? "\r" : char);
}
