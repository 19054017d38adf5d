import type { ByteSource } from "../byte_source.ts";
import { badArchive } from "../refuse.ts";

const CHUNK_BYTES = 64 * 1024;

/**
 * Bits, highest first. Reading them is synchronous, since millions are read one by one;
 * {@linkcode fill} beforehand sees to it that they are there.
 */
export class BitReader {
  readonly #source: ByteSource;
  #bytes: Uint8Array = new Uint8Array();
  #next = 0;
  #bits = 0;
  #count = 0;
  #ended = false;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** Whether `count` more bytes are at hand, or there will never be more than there are. */
  has(count: number): boolean {
    return this.#ended || this.#bytes.length - this.#next >= count;
  }

  /** Gets bytes until {@linkcode has}. */
  async fill(count: number): Promise<void> {
    while (!this.has(count)) {
      const more = await this.#source.some(CHUNK_BYTES);
      if (more === null) this.#ended = true;
      else this.#append(more);
    }
  }

  /** The next `count` bits, 24 at most. */
  read(count: number): number {
    while (this.#count < count) {
      const byte = this.#bytes[this.#next++];
      if (byte === undefined) throw badArchive("it is cut off: its bzip2 data ends early");
      this.#bits = this.#bits << 8 | byte;
      this.#count += 8;
    }
    this.#count -= count;
    return this.#bits >>> this.#count & ((1 << count) - 1);
  }

  read32(): number {
    return this.read(16) * 0x10000 + this.read(16);
  }

  /** Goes on with the next whole byte. */
  align(): void {
    this.#count -= this.#count % 8;
  }

  /** Whether nothing is left; after {@linkcode fill} only. */
  get isAtEnd(): boolean {
    return this.#count === 0 && this.#next >= this.#bytes.length;
  }

  #append(more: Uint8Array): void {
    const left = this.#bytes.subarray(this.#next);
    const bytes = new Uint8Array(left.length + more.length);
    bytes.set(left);
    bytes.set(more, left.length);
    [this.#bytes, this.#next] = [bytes, 0];
  }
}
