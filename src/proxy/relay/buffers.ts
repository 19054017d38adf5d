import { ByteWriter } from "./byte_writer.ts";

/** Held for an idle client; most heads fit. */
const SMALL_BYTES = 4096;

/** Held for an idle connection to a backend, and all that most answers need. */
const MIDDLE_BYTES = 16_384;

/** One read of a long request body. */
export const UPLOAD_BYTES = 65_536;

/**
 * One read of a long answer. Twice the size would cost a tenth less processor time, and with an
 * upload beside it more than 256 KiB for one connection.
 */
export const DOWNLOAD_BYTES = 98_304;

/** Writers that have grown beyond this are not kept. */
const LARGEST_WRITER_BYTES = 65_536;

/** Enough for most heads and small answers. */
const WRITER_BYTES = 4096;

/** Writers kept for later use; more are left to the garbage collector. */
const KEPT_WRITERS = 256;

/** Buffers of one size that are used again and again. */
export class BufferPool {
  readonly size: number;
  #limit: number;
  #free: Uint8Array<ArrayBuffer>[] = [];

  /** @param limit How many are kept; more are left to the garbage collector. */
  constructor(size: number, limit: number) {
    this.size = size;
    this.#limit = limit;
  }

  /** Buffers that wait to be used again. */
  get free(): number {
    return this.#free.length;
  }

  /** A buffer with anything in it. */
  take(): Uint8Array<ArrayBuffer> {
    return this.#free.pop() ?? new Uint8Array(this.size);
  }

  /** Nobody may use `buffer` any more. Buffers of another size are left alone. */
  give(buffer: Uint8Array<ArrayBuffer>): void {
    if (buffer.length === this.size && this.#free.length < this.#limit) this.#free.push(buffer);
  }
}

/** What is used again and again, so that traffic makes little garbage. */
export class Buffers {
  readonly small = new BufferPool(SMALL_BYTES, 512);
  readonly middle = new BufferPool(MIDDLE_BYTES, 64);
  readonly upload = new BufferPool(UPLOAD_BYTES, 32);
  readonly download = new BufferPool(DOWNLOAD_BYTES, 32);
  #writers: ByteWriter[] = [];

  /** An empty writer. */
  takeWriter(): ByteWriter {
    return this.#writers.pop() ?? new ByteWriter(WRITER_BYTES);
  }

  /** Nobody may use `writer` or a view of it any more. */
  giveWriter(writer: ByteWriter): void {
    if (writer.bytes.length > LARGEST_WRITER_BYTES || this.#writers.length >= KEPT_WRITERS) return;
    writer.reset();
    this.#writers.push(writer);
  }
}
