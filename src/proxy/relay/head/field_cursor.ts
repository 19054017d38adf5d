import { COLON, CR, LF, SPACE, TAB, TOKEN } from "./characters.ts";

/** Walks through the field lines of a head; where it stands is in its fields, to spare objects. */
export class FieldCursor {
  /** The line's first byte, which is the name's. */
  line = 0;
  nameEnd = 0;
  /** The value without the white space around it. */
  value = 0;
  valueEnd = 0;
  /** The next line's first byte. */
  next = 0;
  readonly #text: Uint8Array;

  /** @param text What values may have, by byte. */
  constructor(text: Uint8Array) {
    this.#text = text;
  }

  /**
   * Reads the line at `from`, which must not be the blank one; `bytes` must end with a line feed.
   *
   * @returns What is wrong with the line, or null.
   */
  read(bytes: Uint8Array, from: number): string | null {
    let at = from;
    while (TOKEN[bytes[at] as number] !== 0) at++;
    if (bytes[at] !== COLON || at === from) return nameFault(bytes, from, at);
    this.line = from;
    this.nameEnd = at++;
    while (bytes[at] === SPACE || bytes[at] === TAB) at++;
    this.value = at;
    const text = this.#text;
    while (text[bytes[at] as number] === 1) at++;
    if (bytes[at] !== CR || bytes[at + 1] !== LF) return valueFault(bytes[at] as number);
    this.next = at + 2;
    while (at > this.value && (bytes[at - 1] === SPACE || bytes[at - 1] === TAB)) at--;
    this.valueEnd = at;
    return null;
  }
}

function nameFault(bytes: Uint8Array, from: number, at: number): string {
  const code = bytes[at] as number;
  if (code === SPACE || code === TAB) {
    return at === from
      ? "A header line begins with white space."
      : "There is white space in a header's name or after it.";
  }
  if (code === COLON) return "A header has no name.";
  if (code === CR || code === LF) return "A header line has no colon, or a bare CR or LF.";
  return "There is a forbidden byte in a header's name.";
}

function valueFault(code: number): string {
  if (code === CR || code === LF) return "There is a bare CR or LF in the header section.";
  return "There is a control byte in a header's value.";
}
