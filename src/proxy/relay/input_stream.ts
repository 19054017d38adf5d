import type { ByteStream } from "../net/stream.ts";
import type { Input } from "./input.ts";

/** A stream of which some was read already, or is being read. */
export class InputStream implements ByteStream {
  #input: Input;
  #stream: ByteStream;

  constructor(input: Input, stream: ByteStream) {
    this.#input = input;
    this.#stream = stream;
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    const input = this.#input;
    if (input.available === 0 && input.pending) await input.fill();
    if (input.available > 0) return this.#take(buffer);
    if (input.state === "ended") return null;
    // A broken stream says so itself.
    return await this.#stream.read(buffer);
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#stream.write(bytes);
  }

  closeWrite(): Promise<void> {
    return this.#stream.closeWrite();
  }

  close(): void {
    this.#stream.close();
  }

  #take(buffer: Uint8Array): number {
    const { bytes, start, available } = this.#input;
    const count = Math.min(available, buffer.length);
    buffer.set(bytes.subarray(start, start + count));
    this.#input.consume(count);
    return count;
  }
}
