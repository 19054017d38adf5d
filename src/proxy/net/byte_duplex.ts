import { closeStream } from "./close_stream.ts";
import { writeAll } from "./write_all.ts";
import { Duplex } from "node:stream";
import { setImmediate } from "node:timers";
import type { ByteStream } from "./stream.ts";

/** The largest TLS record fits. What is not filled serves the next reads, as most are small. */
const SLAB_BYTES = 16_640;

/** Less than this is not worth a read. */
const LEAST_BYTES = 2048;

/** A {@linkcode ByteStream} for those who want a stream of Node. */
export class ByteDuplex extends Duplex {
  readonly #stream: ByteStream;
  #first: Uint8Array | undefined;
  #slab: Uint8Array = new Uint8Array(0);

  /** @param first What was read from `stream` already. */
  constructor(stream: ByteStream, first?: Uint8Array) {
    super({ allowHalfOpen: true, readableHighWaterMark: SLAB_BYTES });
    this.#stream = stream;
    this.#first = first?.length ? first : undefined;
  }

  override _read(): void {
    if (this.#first) {
      const first = this.#first;
      this.#first = undefined;
      // Not at once: a TLS socket that fails before it has started throws where nobody catches it.
      setImmediate(() => this.destroyed || this.push(first));
      return;
    }
    if (this.#slab.length < LEAST_BYTES) this.#slab = new Uint8Array(SLAB_BYTES);
    this.#stream.read(this.#slab).then(
      (count) => this.#onRead(count),
      (error) => this.destroy(error),
    );
  }

  override _write(bytes: Uint8Array, _encoding: string, done: (error?: Error) => void): void {
    writeAll(this.#stream, bytes).then(() => done(), done);
  }

  override _final(done: (error?: Error) => void): void {
    this.#stream.closeWrite().then(() => done(), done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    closeStream(this.#stream);
    done(error);
  }

  #onRead(count: number | null): void {
    if (count === null) return void this.push(null);
    const piece = this.#slab.subarray(0, count);
    this.#slab = this.#slab.subarray(count);
    this.push(piece);
  }
}
