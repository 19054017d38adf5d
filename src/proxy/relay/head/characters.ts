export const TAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SPACE = 0x20;
export const COMMA = 0x2c;
export const SLASH = 0x2f;
export const COLON = 0x3a;

const SYMBOLS_IN_TOKEN = "!#$%&'*+-.^_`|~";
const SYMBOLS_IN_HOST = "-._~!$&'()*+,;=%";

/** The byte of a token in lower case; 0 for a byte that is in no token (RFC 9110, 5.6.2). */
export const TOKEN = table((code) => {
  if (code >= 0x41 && code <= 0x5a) return code + 0x20;
  return isAlphanumeric(code) || isOneOf(code, SYMBOLS_IN_TOKEN) ? code : 0;
});

/** 1 for what a request's field value may have: no control byte but TAB (RFC 9110, 5.5). */
export const REQUEST_TEXT = table((code) =>
  code === TAB || (code >= SPACE && code !== 0x7f) ? 1 : 0
);

/** 1 for what an answer's field value may have: control bytes cannot hurt who asked for them. */
export const RESPONSE_TEXT = table((code) => code === 0 || code === LF || code === CR ? 0 : 1);

/** 1 for the bytes of a request's target that are passed on: all but controls and spaces. */
export const TARGET = table((code) => code > SPACE && code !== 0x7f ? 1 : 0);

/** 1 for the bytes of a registered name or an IPv4 address (RFC 3986, 3.2.2). */
export const HOST = table((code) => isAlphanumeric(code) || isOneOf(code, SYMBOLS_IN_HOST) ? 1 : 0);

/** Whether the byte is `0` to `9`. */
export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** Bytes as text, one character for each (ISO 8859-1); meant for short pieces. */
export function latin1(bytes: Uint8Array, from: number, to: number): string {
  let text = "";
  for (let i = from; i < to; i++) text += String.fromCharCode(bytes[i] as number);
  return text;
}

/** Whether `bytes[from, to)` is `token`, which is in lower case, whatever the case of the bytes. */
export function isToken(bytes: Uint8Array, from: number, to: number, token: string): boolean {
  if (to - from !== token.length) return false;
  for (let i = 0; i < token.length; i++) {
    if (TOKEN[bytes[from + i] as number] !== token.charCodeAt(i)) return false;
  }
  return true;
}

/** Whether all characters of `text` may be in a token. */
export function isPlainToken(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (!TOKEN[text.charCodeAt(i)]) return false;
  return true;
}

/** Whether `bytes` has exactly the characters of `text` at `from`. */
export function hasText(bytes: Uint8Array, from: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (bytes[from + i] !== text.charCodeAt(i)) return false;
  }
  return true;
}

function table(entry: (code: number) => number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, code) => entry(code));
}

function isAlphanumeric(code: number): boolean {
  return isDigit(code) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
}

function isOneOf(code: number, symbols: string): boolean {
  return symbols.includes(String.fromCharCode(code));
}
