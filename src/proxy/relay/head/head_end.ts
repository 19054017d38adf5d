import { CR, LF } from "./characters.ts";

/**
 * Finds the end of a head, which is the first blank line.
 *
 * Lines that end in LF alone count as well: such a head must be refused at once and not wait for an
 * end that never comes.
 *
 * @param start Where the head begins.
 * @param from The first byte that was not searched before.
 * @param end Where the bytes end that have arrived.
 * @returns The index after the blank line, or -1.
 */
export function findHeadEnd(bytes: Uint8Array, start: number, from: number, end: number): number {
  // Both of the last two bytes of a blank line are control bytes, so that it is enough to look at
  // every second byte.
  for (let i = from; i < end; i += 2) {
    if ((bytes[i] as number) > CR) continue;
    if (endsBlankLine(bytes, start, i)) return i + 1;
    if (i + 1 < end && endsBlankLine(bytes, start, i + 1)) return i + 2;
  }
  return -1;
}

/**
 * Skips the empty lines that some clients send before a request (RFC 9112, 2.2).
 *
 * @returns The index after the last complete CRLF in front; nothing limits their number.
 */
export function skipEmptyLines(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at + 1 < end && bytes[at] === CR && bytes[at + 1] === LF) at += 2;
  return at;
}

function endsBlankLine(bytes: Uint8Array, start: number, at: number): boolean {
  if (bytes[at] !== LF || at === start) return false;
  if (bytes[at - 1] === LF) return true;
  return bytes[at - 1] === CR && at - 2 >= start && bytes[at - 2] === LF;
}
