import { ByteWriter } from "./byte_writer.ts";

/** One read of a long body; more gains little, less costs system calls. */
export const LARGE_BYTES = 65_536;

/** Enough for most heads and small answers. */
const WRITER_BYTES = 4096;

/** Kept for later use; more is left to the garbage collector. */
const KEPT_BUFFERS = 32;
const KEPT_WRITERS = 256;

/** Buffers that are used again and again, so that traffic makes no garbage. */
export class Buffers {
  #large: Uint8Array<ArrayBuffer>[] = [];
  #writers: ByteWriter[] = [];

  /** A buffer of {@linkcode LARGE_BYTES}, with anything in it. */
  take(): Uint8Array<ArrayBuffer> {
    return this.#large.pop() ?? new Uint8Array(LARGE_BYTES);
  }

  /** Nobody may use `buffer` any more. */
  give(buffer: Uint8Array<ArrayBuffer>): void {
    if (buffer.length === LARGE_BYTES && this.#large.length < KEPT_BUFFERS) {
      this.#large.push(buffer);
    }
  }

  /** An empty writer. */
  takeWriter(): ByteWriter {
    return this.#writers.pop() ?? new ByteWriter(WRITER_BYTES);
  }

  /** Nobody may use `writer` or a view of it any more. */
  giveWriter(writer: ByteWriter): void {
    if (writer.bytes.length > LARGE_BYTES || this.#writers.length >= KEPT_WRITERS) return;
    writer.reset();
    this.#writers.push(writer);
  }
}
