/** Values of the 7-bit length that stand for 2 and for 8 more bytes of length (RFC 6455, 5.2). */
const SHORT_LENGTH = 126;
const LONG_LENGTH = 127;

/** Follows WebSocket frames in one direction, to know where one ends; looks at headers only. */
export class FrameTracker {
  /** The header under way, as far as it came. */
  #header: number[] = [];
  #payloadLeft = 0;

  /** Nothing of a frame is under way. */
  get atBoundary(): boolean {
    return this.#header.length === 0 && this.#payloadLeft === 0;
  }

  /** Another tracker at the same place. */
  clone(): FrameTracker {
    const clone = new FrameTracker();
    clone.#header = [...this.#header];
    clone.#payloadLeft = this.#payloadLeft;
    return clone;
  }

  /**
   * Goes through `bytes`.
   *
   * @param stop End at the first boundary after a frame.
   * @returns How many bytes that were; all of them unless `stop` applied.
   */
  advance(bytes: Uint8Array, stop: boolean): number {
    let at = 0;
    while (at < bytes.length) {
      if (this.#payloadLeft > 0) {
        const count = Math.min(this.#payloadLeft, bytes.length - at);
        this.#payloadLeft -= count;
        at += count;
      } else {
        this.#header.push(bytes[at++] as number);
        if (this.#header.length < headerLength(this.#header)) continue;
        this.#payloadLeft = payloadLength(this.#header);
        this.#header = [];
      }
      if (stop && this.atBoundary) return at;
    }
    return at;
  }
}

function headerLength([, second]: readonly number[]): number {
  if (second === undefined) return 2;
  const mask = second & 0x80 ? 4 : 0;
  const length = second & 0x7f;
  return 2 + mask + (length === LONG_LENGTH ? 8 : length === SHORT_LENGTH ? 2 : 0);
}

function payloadLength(header: readonly number[]): number {
  const length = (header[1] ?? 0) & 0x7f;
  if (length < SHORT_LENGTH) return length;
  const bytes = header.slice(2, length === LONG_LENGTH ? 10 : 4);
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

/** A close frame as a server sends it: unmasked, with a code (RFC 6455, 5.5.1). */
export function closeFrame(code: number, reason: string): Uint8Array {
  const text = new TextEncoder().encode(reason);
  return Uint8Array.of(0x88, 2 + text.length, code >> 8, code & 0xff, ...text);
}
