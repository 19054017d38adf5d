import { hasText, latin1 } from "./characters.ts";

/** Grouped by length, so that a known method costs no new string. */
const BY_LENGTH: readonly (readonly string[])[] = [
  [],
  [],
  [],
  ["GET", "PUT"],
  ["POST", "HEAD"],
  ["PATCH", "TRACE"],
  ["DELETE"],
  ["OPTIONS", "CONNECT"],
];

/** The method in `bytes[from, to)`, as sent. */
export function methodOf(bytes: Uint8Array, from: number, to: number): string {
  const known = BY_LENGTH[to - from];
  if (known !== undefined) {
    for (let i = 0; i < known.length; i++) {
      const method = known[i] as string;
      if (hasText(bytes, from, method)) return method;
    }
  }
  return latin1(bytes, from, to);
}
