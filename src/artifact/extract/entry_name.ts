import { badEntry } from "./refuse.ts";

const MAX_SEGMENT_BYTES = 255;
const MAX_PATH_BYTES = 3000;

// NUL would end the name for the kernel; the others have no place in a log or a shell. What is not
// UTF-8 was read as U+FFFD: two such names could be one.
// deno-lint-ignore no-control-regex
const ODD = /[\u0000-\u001f\u007f\ufffd]/;

/**
 * The path of an entry below the directory that is extracted into.
 *
 * @returns Without `.` and doubled slashes; `""` is the directory itself.
 * @throws {ArtifactRefusedError} For names that lead elsewhere, or that no file can have.
 */
export function cleanName(name: string): string {
  if (name === "") throw badEntry(name, "has no name");
  if (ODD.test(name)) throw badEntry(name, "has a control character or is not UTF-8");
  if (name.startsWith("/")) throw badEntry(name, "has an absolute name");
  const segments = name.split("/").filter((segment) => segment !== "" && segment !== ".");
  if (segments.includes("..")) throw badEntry(name, "would leave the release (..)");
  if (isTooLong(segments)) throw badEntry(name, "has a name that is too long");
  return segments.join("/");
}

function isTooLong(segments: readonly string[]): boolean {
  const lengths = segments.map((segment) => new TextEncoder().encode(segment).length + 1);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  return total > MAX_PATH_BYTES || lengths.some((length) => length > MAX_SEGMENT_BYTES + 1);
}
