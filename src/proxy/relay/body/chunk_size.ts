/** Leading zeros count: no honest sender needs more digits. */
export const MAX_SIZE_DIGITS = 16;

const ZERO = 0x30;
const NO_DIGIT = 16;
const VALUES = Uint8Array.from({ length: 256 }, (_, code) => {
  const digit = String.fromCharCode(code);
  return /^[0-9A-Fa-f]$/.test(digit) ? Number.parseInt(digit, 16) : NO_DIGIT;
});

/** The first index whose byte is no hexadecimal digit; `to` when all are. */
export function skipDigits(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && VALUES[bytes[at] as number] !== NO_DIGIT) at++;
  return at;
}

/** The value of hexadecimal digits; inexact beyond `Number.MAX_SAFE_INTEGER`. */
export function parseSize(bytes: Uint8Array, from: number, to: number): number {
  let size = 0;
  for (let at = from; at < to; at++) size = size * 16 + (VALUES[bytes[at] as number] as number);
  return size;
}

/** Skips leading zeros; one digit always remains. */
export function firstDigit(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to - 1 && bytes[at] === ZERO) at++;
  return at;
}
