import { type Dimension, meaningOf, PLATFORM_WORDS } from "./platform.ts";

/** Archives that can be unpacked; one that ends like another comes before it. */
export const ARCHIVE_SUFFIXES = [
  ".tar.gz",
  ".tgz",
  ".tar.bz2",
  ".tbz2",
  ".tar.xz",
  ".txz",
  ".tar.zst",
  ".tzst",
  ".tar",
  ".zip",
] as const;

/** How the name of an archive ends. */
export type ArchiveSuffix = typeof ARCHIVE_SUFFIXES[number];

/** What the name of a file says about it. */
export interface AssetName {
  /** What it seems to be. `other`: a package, a signature, a list of checksums, a text … */
  readonly kind: "archive" | "executable" | "other";
  /** In Go's words; null: it names none. */
  readonly os: string | null;
  /** In Go's words; null: it names none. */
  readonly arch: string | null;
  readonly libc: "gnu" | "musl" | "static" | null;
  /** Whether it is meant for those who look for bugs, not for use. */
  readonly isForDebugging: boolean;
}

const WORD = new RegExp(`(?<![a-z0-9])(?:${PLATFORM_WORDS.join("|")})(?![a-z0-9])`, "g");

/** `AppLinuxArm64`: capitals in place of separators. */
const CAPITALS = /(?<=[a-z0-9])(?=(?:Linux|Darwin|Mac|Windows|Amd64|AMD64|Arm64|ARM64|X64|X86))/g;

/** `linux64`, `linuxamd64`, `macos11`: a system with bits, an architecture or its own version. */
const SYSTEM = "(?<![a-z0-9])(linux|windows|win|macos|darwin|osx|freebsd)";
const SYSTEM_WITH_BITS = new RegExp(`${SYSTEM}[-_]?(32|64)(?:bit)?(?![a-z0-9])`, "g");
const SYSTEM_WITH_ARCH = new RegExp(
  `${SYSTEM}(?=(?:${PLATFORM_WORDS.join("|")})(?![a-z0-9]))`,
  "g",
);
const SYSTEM_WITH_VERSION = new RegExp(`${SYSTEM}\\d+(?![a-z0-9])`, "g");

/** What accompanies a file instead of being one: checksums, signatures, lists of contents. */
const COMPANION =
  /^(?:checksums?|(?:sha(?:1|256|512)|md5|b2|blake[23]b?)(?:sums?)?|sig|signatures?|asc|minisig|sbom|spdx|cyclonedx|cdx|provenance|attestations?|intoto)$/;
const FOR_DEBUGGING = /^(?:debug|dbg|dbgsym|debuginfo|debugsymbols|symbols|syms|pdb|profile)$/;

/** `.deb` and the like, but not the `.3` of a version. */
const EXTENSION = /\.([a-z][a-z0-9]*|7z)$/;

/** How `name` ends when it is an archive that can be unpacked; null: it is none. */
export function archiveSuffix(name: string): ArchiveSuffix | null {
  const lower = name.toLowerCase();
  return ARCHIVE_SUFFIXES.find((suffix) => lower.endsWith(suffix)) ?? null;
}

/**
 * Reads the name of a file word by word, so that `arm` is not found in `arm64`, nor `win` in
 * `darwin`. Where several systems or architectures are named, the last one counts: the name of the
 * product comes first (`windows-exporter_linux_amd64`).
 *
 * @param tag The release's tag; the version within the name says nothing about the platform.
 */
export function readAssetName(name: string, tag: string): AssetName {
  const suffix = archiveSuffix(name);
  const stem = name.slice(0, name.length - (suffix?.length ?? 0));
  const bare = withoutVersion(stem.replace(CAPITALS, "-").toLowerCase(), tag.toLowerCase());
  const text = bare.replace(SYSTEM_WITH_BITS, "$1-$2bit")
    .replace(SYSTEM_WITH_ARCH, "$1-")
    .replace(SYSTEM_WITH_VERSION, "$1");
  const words = text.match(WORD) ?? [];
  const os = last(words, "os");
  const rest = text.replace(WORD, " ").split(/[^a-z0-9]+/).filter((word) => /[a-z]/.test(word));
  return {
    kind: kindOf(text, { isArchive: suffix !== null, os, rest }),
    os,
    arch: lastArch(words),
    libc: last(words, "libc") as AssetName["libc"],
    isForDebugging: rest.some((word) => FOR_DEBUGGING.test(word)),
  };
}

/**
 * What a program is called apart from version and platform: `app` for `app-v1.2.3_linux_amd64`.
 *
 * @param tag The release's tag.
 * @returns null when it is called nothing else, or is no program.
 */
export function programName(name: string, tag: string): string | null {
  if (readAssetName(name, tag).kind !== "executable") return null;
  const text = name.replace(CAPITALS, "-");
  const lower = text.toLowerCase().replace(SYSTEM_WITH_BITS, "$1-$2bit")
    .replace(SYSTEM_WITH_ARCH, "$1-")
    .replace(SYSTEM_WITH_VERSION, "$1");
  const version = tag.toLowerCase().replace(/^v/, "");
  const words = [...lower.matchAll(WORD), ...lower.matchAll(versionPattern(version))];
  const end = Math.min(...words.map(({ index }) => index));
  const short = text.slice(0, end).replace(/[-_.]+$/, "");
  return short === "" || short === name ? null : short;
}

/** Takes the version out, unless it is so short that it could be part of a word. */
function withoutVersion(text: string, tag: string): string {
  const version = tag.replace(/^v/, "");
  if (!version.includes(".")) return text;
  return text.replace(versionPattern(version), "");
}

function versionPattern(version: string): RegExp {
  return new RegExp(`(?<![a-z0-9])v?${RegExp.escape(version)}(?![a-z0-9])`, "g");
}

function last(words: readonly string[], dimension: Dimension): string | null {
  const word = words.findLast((word) => meaningOf(word)?.[0] === dimension);
  return word === undefined ? null : meaningOf(word)![1];
}

/** One architecture outweighs the promise to run on several. */
function lastArch(words: readonly string[]): string | null {
  const isUniversal = (word: string) => meaningOf(word)?.[1] === "universal";
  return last(words.filter((word) => !isUniversal(word)), "arch") ?? last(words, "arch");
}

function kindOf(
  text: string,
  { isArchive, os, rest }: { isArchive: boolean; os: string | null; rest: readonly string[] },
): AssetName["kind"] {
  if (COMPANION.test(rest.at(-1) ?? "")) return "other";
  if (isArchive) return "archive";
  const extension = EXTENSION.exec(text)?.[1];
  if (extension === undefined || meaningOf(extension) !== null) return "executable";
  return extension === "exe" && os === "windows" ? "executable" : "other";
}
