import type { Framing } from "../body/filter.ts";
import type { Refusal } from "../refusal.ts";
import { COMMA, isDigit, isToken, SPACE, TAB, TOKEN } from "./characters.ts";

/** Digits of a length that is a safe integer for certain. */
const MAX_LENGTH_DIGITS = 15;

/** The message ends with its head. */
export const NO_BODY: Framing = Object.freeze({ kind: "none" });
/** The body brings its own end. */
export const CHUNKED: Framing = Object.freeze({ kind: "chunked" });
/** The body ends with the connection. */
export const UNTIL_CLOSE: Framing = Object.freeze({ kind: "close" });

/** A length of 0 is no body. */
export function lengthFraming(length: number): Framing {
  return length === 0 ? NO_BODY : { kind: "length", length };
}

/** The value of `Content-Length`, or -1 when it is not a number of digits only, or too large. */
export function parseLength(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to - 1 && bytes[at] === 0x30) at++;
  if (at === to || to - at > MAX_LENGTH_DIGITS) return -1;
  let length = 0;
  for (; at < to; at++) {
    const code = bytes[at] as number;
    if (!isDigit(code)) return -1;
    length = length * 10 + code - 0x30;
  }
  return length;
}

/**
 * What is wrong with `Transfer-Encoding`, whose only accepted value is `chunked`.
 *
 * @param from Where the field's value begins, after the colon: a TAB in front of `chunked` is
 * refused, because not everybody takes it for white space.
 */
export function codingFault(bytes: Uint8Array, from: number, to: number): Refusal | null {
  let at = from;
  while (at < to && bytes[at] === SPACE) at++;
  if (isToken(bytes, at, to, "chunked")) return null;
  return everyOtherCodingIsOne(bytes, at, to)
    ? { kind: "refused", status: 501, detail: "The transfer coding is not supported." }
    : { kind: "refused", status: 400, detail: "The Transfer-Encoding header is not `chunked`." };
}

/** Whether a list ends in `chunked`, with nothing but other codings in front. */
function everyOtherCodingIsOne(bytes: Uint8Array, from: number, to: number): boolean {
  let at = from;
  while (at < to) {
    let end = at;
    while (end < to && (TOKEN[bytes[end] as number] as number) !== 0) end++;
    const isChunked = isToken(bytes, at, end, "chunked");
    if (end === to) return isChunked;
    if (isChunked || end === at || bytes[end] !== COMMA) return false;
    at = end + 1;
    while (at < to && (bytes[at] === SPACE || bytes[at] === TAB)) at++;
  }
  return false;
}
