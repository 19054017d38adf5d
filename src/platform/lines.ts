/** Bytes of a line after which it is cut. */
export const MAX_LINE_BYTES = 64 * 1024;

const LF = 10;
const CR = 13;
const CUT_MARK = "…";

/**
 * Splits bytes into lines of text, with bounded memory.
 *
 * Ends of line are LF and CRLF. A line of `maxBytes` or more is handed out in pieces, each
 * but the last marked with `…`. Bytes that are not UTF-8 become U+FFFD.
 */
export class LineSplitter {
  readonly #pending: Uint8Array<ArrayBuffer>;
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #length = 0;

  constructor(maxBytes: number = MAX_LINE_BYTES) {
    this.#pending = new Uint8Array(maxBytes);
  }

  /** The lines that `chunk` completes, in order. */
  *push(chunk: Uint8Array): Generator<string> {
    let rest = chunk;
    while (rest.length > 0) {
      const newline = rest.indexOf(LF);
      const end = newline < 0 ? rest.length : newline;
      yield* this.#append(rest.subarray(0, end));
      if (newline < 0) return;
      yield this.#take();
      rest = rest.subarray(newline + 1);
    }
  }

  /** The last line, if the input did not end with an end of line. */
  *end(): Generator<string> {
    if (this.#length > 0) yield this.#take();
  }

  *#append(bytes: Uint8Array): Generator<string> {
    let rest = bytes;
    for (;;) {
      const part = rest.subarray(0, this.#pending.length - this.#length);
      this.#pending.set(part, this.#length);
      this.#length += part.length;
      rest = rest.subarray(part.length);
      if (this.#length < this.#pending.length) return;
      yield this.#cut();
    }
  }

  #take(): string {
    const last = this.#length - 1;
    const length = this.#pending[last] === CR ? last : this.#length;
    this.#length = 0;
    return this.#decoder.decode(this.#pending.subarray(0, length));
  }

  #cut(): string {
    const at = characterStart(this.#pending, this.#length - 1);
    const text = this.#decoder.decode(this.#pending.subarray(0, at));
    this.#pending.copyWithin(0, at, this.#length);
    this.#length -= at;
    return text + CUT_MARK;
  }
}

/** Where the UTF-8 character begins that the byte at `index` belongs to. */
function characterStart(bytes: Uint8Array, index: number): number {
  for (let at = index; at > index - 4 && at > 0; at--) {
    const isContinuation = (bytes[at]! & 0xc0) === 0x80;
    if (!isContinuation) return at;
  }
  return index;
}
