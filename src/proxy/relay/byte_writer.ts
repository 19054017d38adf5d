/** Below this a loop is faster than setting up a block copy; measured. */
const BLOCK_BYTES = 48;

/** Collects bytes in one buffer that grows and is used again and again. */
export class ByteWriter {
  /** What was written is `bytes[0, length)`; replaced when it must grow. */
  bytes: Uint8Array<ArrayBuffer>;
  length = 0;

  /** @param capacity How many bytes fit before the buffer grows. */
  constructor(capacity = 4096) {
    this.bytes = new Uint8Array(capacity);
  }

  /** Forgets what was written and keeps the buffer. */
  reset(): void {
    this.length = 0;
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed > this.bytes.length) this.#grow(needed);
  }

  /** Appends `source[from, to)`; `source` must not be this writer's own buffer. */
  copy(source: Uint8Array, from: number, to: number): void {
    this.reserve(to - from);
    if (to - from >= BLOCK_BYTES) {
      this.bytes.set(source.subarray(from, to), this.length);
    } else {
      const { bytes, length } = this;
      for (let i = from, j = length; i < to; i++, j++) bytes[j] = source[i] as number;
    }
    this.length += to - from;
  }

  /** Appends a text, one byte for each character; those above U+00FF lose their upper bits. */
  ascii(text: string): void {
    this.reserve(text.length);
    const { bytes, length } = this;
    for (let i = 0; i < text.length; i++) bytes[length + i] = text.charCodeAt(i);
    this.length = length + text.length;
  }

  /** What was written, without copying it: valid until the next write or reset. */
  view(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(0, this.length);
  }

  #grow(needed: number): void {
    const bytes = new Uint8Array(Math.max(needed, 2 * this.bytes.length));
    bytes.set(this.view());
    this.bytes = bytes;
  }
}
