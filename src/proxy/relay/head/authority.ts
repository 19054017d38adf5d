import { COLON, HOST, isDigit, TOKEN } from "./characters.ts";

const MAX_PORT_DIGITS = 5;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const DOT = 0x2e;
const PERCENT = 0x25;

/** A part of some bytes: `[from, to)`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * Whether `bytes[from, to)` is a host, or an IP address in brackets, with or without a port
 * (RFC 9110, 7.2). Nothing at all is an authority, too.
 */
export function isAuthority(bytes: Uint8Array, from: number, to: number): boolean {
  const end = bytes[from] === OPENING_BRACKET && to > from
    ? endOfAddress(bytes, from + 1, to)
    : endOfName(bytes, from, to);
  return end === to || (end >= 0 && end > from && isPort(bytes, end, to));
}

/** Where the port's digits begin in a valid authority; `to` when there are none. */
export function portStart(bytes: Uint8Array, from: number, to: number): number {
  let at = to;
  while (at > from && isDigit(bytes[at - 1] as number)) at--;
  return at > from && bytes[at - 1] === COLON ? at : to;
}

function endOfName(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && HOST[bytes[at] as number] === 1) {
    if (bytes[at] === PERCENT && !(at + 2 < to && isHex(bytes[at + 1]) && isHex(bytes[at + 2]))) {
      return -1;
    }
    at++;
  }
  return at;
}

/** The index after the closing bracket, or -1. */
function endOfAddress(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && (isHex(bytes[at]) || bytes[at] === COLON || bytes[at] === DOT)) at++;
  return at > from && at < to && bytes[at] === CLOSING_BRACKET ? at + 1 : -1;
}

function isPort(bytes: Uint8Array, from: number, to: number): boolean {
  if (bytes[from] !== COLON || to - from - 1 > MAX_PORT_DIGITS) return false;
  for (let at = from + 1; at < to; at++) if (!isDigit(bytes[at] as number)) return false;
  return true;
}

function isHex(code: number | undefined): boolean {
  if (code === undefined) return false;
  const lower = TOKEN[code] as number;
  return isDigit(code) || (lower >= 0x61 && lower <= 0x66);
}
