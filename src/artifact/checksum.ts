import { findChecksum } from "./checksum_lines.ts";
import { checksumFiles } from "./checksum_names.ts";
import { ArtifactRefusedError } from "./refused.ts";

/** Whether a checksum is looked for: never, if there is one, or always. */
export const CHECKSUM_POLICIES = ["off", "auto", "required"] as const;

/** One of {@linkcode CHECKSUM_POLICIES}. */
export type ChecksumPolicy = typeof CHECKSUM_POLICIES[number];

/** The longest checksum file that is read, in bytes. */
export const MAX_CHECKSUM_FILE_BYTES = 1024 * 1024;

/** The file that was downloaded. */
export interface ChecksumSubject {
  readonly name: string;
  /** Of the bytes that came, in hexadecimal digits. */
  readonly sha256: string;
  /** The registry's own digest, which the download has been compared with; null: it has none. */
  readonly vouchedFor: string | null;
}

/** Where checksum files are. */
export interface ChecksumFiles {
  /** The names of all files of the release. */
  readonly names: readonly string[];
  /** @throws When it has more than `maxBytes`, or cannot be had. */
  read(name: string, maxBytes: number): Promise<Uint8Array>;
}

/** What has been compared: the name of the file, the registry, or nothing. */
export type ChecksumVerdict =
  | { readonly kind: "file"; readonly name: string }
  | { readonly kind: "registry" }
  | { readonly kind: "none" };

/**
 * Compares what was downloaded with the checksum that was published with it.
 *
 * @throws {ArtifactRefusedError} When they differ, or when there is none and one is required; what
 * the registry itself vouches for is one.
 */
export async function verifyChecksum(
  subject: ChecksumSubject,
  files: ChecksumFiles,
  policy: ChecksumPolicy,
): Promise<ChecksumVerdict> {
  const fallback = { kind: subject.vouchedFor === null ? "none" : "registry" } as const;
  if (policy === "off") return fallback;
  for (const { name, isOwn } of checksumFiles(subject.name, files.names)) {
    const text = new TextDecoder().decode(await files.read(name, MAX_CHECKSUM_FILE_BYTES));
    const expected = findChecksum(text, subject.name, { isOwn });
    if (expected === null) continue;
    if (expected !== subject.sha256.toLowerCase()) throw mismatch(subject, name, expected);
    return { kind: "file", name };
  }
  if (policy === "required" && fallback.kind === "none") throw missing(subject);
  return fallback;
}

function mismatch({ name, sha256 }: ChecksumSubject, file: string, expected: string): Error {
  return new ArtifactRefusedError(
    "checksum",
    `Cannot use ${name}: its SHA-256 is ${sha256}, and ${file} says ${expected}`,
  );
}

function missing({ name }: ChecksumSubject): Error {
  return new ArtifactRefusedError(
    "checksum",
    `Cannot use ${name}: a checksum is required, and the release has none for it`,
  );
}
