import type { ByteStream } from "../../../../src/proxy/net/stream.ts";

/** A stream whose far end is the test. */
export class FakeStream implements ByteStream {
  ready: Promise<void> | undefined;
  onClose: () => void = () => {};
  readonly written: string[] = [];
  /** The most that one write takes. */
  writeLimit = Infinity;
  /** What reads ask for, oldest first. */
  readonly asked: number[] = [];
  ended = false;
  closed = false;
  writeError: Error | null = null;
  #gate: Promise<void> | null = null;
  #said: (string | null | Error)[] = [];
  #wake: () => void = () => {};

  /** What comes next from here: bytes, the end, or a reset. */
  says(...items: (string | null | Error)[]): this {
    this.#said.push(...items);
    this.#wake();
    return this;
  }

  /** Takes nothing until the returned function is called. */
  stall(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gate = promise;
    return () => {
      this.#gate = null;
      resolve();
    };
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    this.asked.push(buffer.length);
    while (this.#said.length === 0) {
      if (this.closed) throw new Deno.errors.BadResource("closed");
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const item = this.#said.shift()!;
    if (item instanceof Error) throw item;
    if (item === null) return null;
    const { written } = new TextEncoder().encodeInto(item, buffer);
    return written;
  }

  async write(bytes: Uint8Array): Promise<number> {
    await this.#gate;
    if (this.writeError) throw this.writeError;
    if (this.closed) throw new Deno.errors.BadResource("closed");
    const count = Math.min(bytes.length, this.writeLimit);
    this.written.push(new TextDecoder().decode(bytes.subarray(0, count)));
    return count;
  }

  // deno-lint-ignore require-await -- as a real one does
  async closeWrite(): Promise<void> {
    if (this.closed) throw new Deno.errors.BadResource("closed");
    this.ended = true;
  }

  close(): void {
    if (this.closed) throw new Deno.errors.BadResource("closed");
    this.closed = true;
    this.onClose();
    this.#wake();
  }
}
