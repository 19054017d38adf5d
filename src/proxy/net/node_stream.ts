import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { closedError, denoError } from "./node_errors.ts";
import type { ByteStream } from "./stream.ts";

/** A `read` that waits for bytes. */
interface Reader {
  readonly buffer: Uint8Array;
  resolve(count: number | null): void;
  reject(error: Error): void;
}

/**
 * A socket of `node:net` or `node:tls` that can be read when somebody wants to. When more comes than
 * was asked for, it is paused, so that a fast sender waits for a slow reader.
 */
export class NodeStream implements ByteStream {
  readonly ready: Promise<void> | undefined;
  readonly #socket: Socket;
  readonly #below: Duplex | undefined;
  /** Bytes that came and were not asked for yet. */
  readonly #pieces: Uint8Array[] = [];
  #reader: Reader | null = null;
  #ended = false;
  #error: Error | null = null;
  #closed = false;

  /**
   * @param socket Made with `allowHalfOpen`, not read by anybody else.
   * @param below What a TLS socket reads from: it is neither paused with the socket, nor does the
   * socket tell its errors.
   * @param ready See {@linkcode ByteStream.ready}.
   */
  constructor(socket: Socket, below?: Duplex, ready?: Promise<void>) {
    this.ready = ready;
    this.#socket = socket;
    this.#below = below;
    socket.on("data", (piece: Uint8Array) => this.#onData(piece));
    socket.on("end", () => this.#onEnd());
    const onError = (error: Error) => this.#fail(denoError(error));
    below?.on("error", onError);
    socket.on("error", onError);
    socket.on("close", () => this.#fail(closedError("Connection")));
  }

  read(buffer: Uint8Array): Promise<number | null> {
    if (this.#closed) return Promise.reject(closedError("Connection"));
    if (this.#pieces.length > 0) return Promise.resolve(this.#take(buffer));
    if (this.#ended) return Promise.resolve(null);
    if (this.#error) return Promise.reject(this.#error);
    if (this.#reader) return Promise.reject(new Deno.errors.Busy("Connection is being read"));
    return new Promise((resolve, reject) => {
      this.#reader = { buffer, resolve, reject };
      if (this.#socket.isPaused()) this.#resume();
    });
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#whenDone((done) => this.#socket.write(bytes, done)).then(() => bytes.length);
  }

  closeWrite(): Promise<void> {
    return this.#whenDone((done) => this.#socket.end(done));
  }

  close(): void {
    if (this.#closed) throw closedError("Connection");
    this.#closed = true;
    this.#pieces.length = 0;
    this.#fail(closedError("Connection"));
    this.#socket.destroy();
    this.#below?.destroy();
  }

  #whenDone(start: (done: (error?: Error | null) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#error) return reject(this.#error);
      start((error) => error ? reject(this.#error ?? denoError(error)) : resolve());
    });
  }

  #onData(piece: Uint8Array): void {
    if (this.#closed) return;
    this.#pieces.push(piece);
    const reader = this.#reader;
    this.#reader = null;
    reader?.resolve(this.#take(reader.buffer));
    if (this.#pieces.length > 0) this.#pause();
  }

  #pause(): void {
    this.#socket.pause();
    this.#below?.pause();
  }

  #resume(): void {
    this.#below?.resume();
    this.#socket.resume();
  }

  /** Moves bytes of the first piece into `buffer`. @returns How many. */
  #take(buffer: Uint8Array): number {
    const piece = this.#pieces[0] as Uint8Array;
    if (piece.length <= buffer.length) {
      buffer.set(piece);
      this.#pieces.shift();
      return piece.length;
    }
    buffer.set(piece.subarray(0, buffer.length));
    this.#pieces[0] = piece.subarray(buffer.length);
    return buffer.length;
  }

  #onEnd(): void {
    this.#ended = true;
    this.#reader?.resolve(null);
    this.#reader = null;
  }

  #fail(error: Error): void {
    this.#error ??= error;
    this.#reader?.reject(this.#error);
    this.#reader = null;
  }
}
