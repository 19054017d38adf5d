import type { Bytes } from "./entry.ts";

const NOTHING = new Uint8Array();

/** Bytes that are asked for by number, over chunks that come as they like. */
export class ByteSource implements AsyncDisposable {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = NOTHING;
  /** How many bytes have been handed out. */
  position = 0;

  constructor(chunks: Bytes) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** At most `most` bytes, at least one; null at the end. Valid until the next call. */
  async some(most: number): Promise<Uint8Array | null> {
    while (this.#chunk.length === 0) {
      const { done, value } = await this.#chunks.next();
      if (done) return null;
      this.#chunk = value;
    }
    const part = this.#chunk.subarray(0, most);
    this.#chunk = this.#chunk.subarray(part.length);
    this.position += part.length;
    return part;
  }

  /** A copy of the next `count` bytes; fewer only at the end. */
  async take(count: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(count);
    let length = 0;
    while (length < count) {
      const part = await this.some(count - length);
      if (part === null) return bytes.subarray(0, length);
      bytes.set(part, length);
      length += part.length;
    }
    return bytes;
  }

  /** Ends the chunks, too. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#chunks.return?.();
  }
}
