import { closeStream } from "../net/close_stream.ts";
import type { Deadlines, Timed } from "../net/deadlines.ts";
import type { Accepted, ByteStream } from "../net/stream.ts";
import { writeAll } from "../net/write_all.ts";
import type { Buffers } from "./buffers.ts";
import { Input } from "./input.ts";

/** How long a client may take to read our last answer before its connection is closed. */
const LINGER_MS = 2000;

/** What a client may still send meanwhile. */
const LINGER_BYTES = 16 * 1024 * 1024;

/** What a {@linkcode Client} needs. */
export interface ClientOptions {
  deadlines: Deadlines;
  buffers: Buffers;
  /** How long the client may take nothing of what we send; 0: no limit. */
  sendTimeoutMs: number;
  /** The end must be said (TLS), or an answer without length looks cut; TCP says it by closing. */
  saysEnd: boolean;
  /** The client went away, or was too slow; must not throw. */
  onGone(): void;
}

/** A client's connection: bytes in, bytes out, and how long all of it may take. */
export class Client implements Timed {
  readonly ip: string;
  readonly port: number;
  readonly stream: ByteStream;
  readonly input: Input;
  deadlineAt = Infinity;
  #options: ClientOptions;
  #closed = false;
  /** What to do at the deadline. */
  #onLate: () => void;

  constructor({ stream, ip, port }: Accepted, options: ClientOptions) {
    this.ip = ip;
    this.port = port;
    this.stream = stream;
    this.#options = options;
    this.#onLate = this.#giveUp;
    this.input = new Input(stream, options.buffers.small, options.buffers.upload);
    this.input.onEnd = options.onGone;
    options.deadlines.add(this);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Sends all of `bytes`. Rejects when the client is gone, or takes nothing for too long. */
  async send(bytes: Uint8Array): Promise<void> {
    this.expect(this.#options.sendTimeoutMs, this.#giveUp);
    try {
      const written = await this.stream.write(bytes);
      if (written < bytes.length) await writeAll(this.stream, bytes.subarray(written));
    } catch (error) {
      // A reset may be noticed here before it is noticed by reading.
      this.#giveUp();
      throw error;
    }
    this.deadlineAt = Infinity;
  }

  /** Something must happen within `ms`, else `onLate` is called. 0: no limit. */
  expect(ms: number, onLate: () => void): void {
    this.#onLate = onLate;
    this.deadlineAt = this.#options.deadlines.in(ms);
  }

  /** Reads once, so that a client which leaves is noticed; what comes is used later. */
  readAhead(): void {
    if (this.input.hasRoom) this.input.fill();
  }

  onDeadline(): void {
    this.deadlineAt = Infinity;
    this.#onLate();
  }

  /** Closes so that the client can read what was sent to it, whatever it is still sending. */
  async linger(): Promise<void> {
    if (this.#closed) return;
    this.expect(LINGER_MS, this.#giveUp);
    try {
      await this.stream.closeWrite();
    } catch {
      return this.close();
    }
    const { input } = this;
    for (let seen = 0; seen < LINGER_BYTES && input.state === "open"; seen += input.available) {
      input.consume(input.available);
      await input.fillLarge();
    }
    this.close();
  }

  /** Closes where the client has everything and sends nothing any more. */
  async finish(): Promise<void> {
    if (this.#closed) return;
    if (this.#options.saysEnd) {
      this.expect(LINGER_MS, this.#giveUp);
      await this.stream.closeWrite().catch(() => {});
    }
    this.close();
  }

  /** Ends it at once, in the middle of whatever it is; safe to call again. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#options.deadlines.remove(this);
    closeStream(this.stream);
    this.input.close();
  }

  #giveUp = (): void => {
    this.#options.onGone();
    this.close();
  };
}
