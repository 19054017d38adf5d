import { CR, hasText, isDigit, LF, RESPONSE_TEXT, SPACE } from "./characters.ts";

const STATUS_DIGITS = 3;
/** Bytes of `HTTP/1.1`. */
const VERSION_BYTES = 8;

/** The first line of an answer; {@linkcode read} leaves what it found in the fields. */
export class StatusLine {
  status = 0;
  minor: 0 | 1 = 1;
  /** Where status and reason begin. */
  code = 0;
  /** The space after the status is missing. */
  lacksSpace = false;
  /** The line is what the client gets, byte for byte. */
  isVerbatim = true;
  /** The index after the line. */
  next = 0;

  /**
   * Reads the line at `from`; `bytes` must end with a line feed.
   *
   * @returns What is wrong with it, or null.
   */
  read(bytes: Uint8Array, from: number): string | null {
    const minor = bytes[from + 7] as number;
    if (!hasText(bytes, from, "HTTP/1.") || !isDigit(minor) || bytes[from + 8] !== SPACE) {
      return "the answer does not begin with an HTTP/1 version";
    }
    this.minor = minor === 0x30 ? 0 : 1;
    this.code = from + VERSION_BYTES + 1;
    return this.#status(bytes) ?? this.#reason(bytes, minor === 0x31);
  }

  #status(bytes: Uint8Array): string | null {
    let status = 0;
    for (let i = 0; i < STATUS_DIGITS; i++) {
      const code = bytes[this.code + i] as number;
      if (!isDigit(code)) return "the status is not a number of three digits";
      status = status * 10 + code - 0x30;
    }
    if (status < 100) return `the status is ${status}`;
    this.status = status;
    return null;
  }

  #reason(bytes: Uint8Array, isCurrent: boolean): string | null {
    let at = this.code + STATUS_DIGITS;
    this.lacksSpace = bytes[at] === CR;
    if (!this.lacksSpace && bytes[at] !== SPACE) return "the status has more than three digits";
    while (RESPONSE_TEXT[bytes[at] as number] === 1) at++;
    if (bytes[at] !== CR || bytes[at + 1] !== LF) return "the status line does not end in CR LF";
    this.isVerbatim = isCurrent && !this.lacksSpace;
    this.next = at + 2;
    return null;
  }
}
