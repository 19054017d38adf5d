import type { ByteStream } from "../net/stream.ts";
import type { BufferPool } from "./buffers.ts";

/** Whether more can come. */
export type InputState = "open" | "ended" | "broken";

/**
 * What was read from a stream and not used yet: `bytes[start, end)`.
 *
 * At most one read is under way; whoever needs more joins it. So a read may begin ahead of need,
 * which is how a peer that goes away is noticed while nothing is wanted from it.
 */
export class Input {
  bytes: Uint8Array<ArrayBuffer>;
  start = 0;
  end = 0;
  state: InputState = "open";
  /** Called when the stream ended or broke; must not throw. */
  onEnd: (() => void) | null = null;
  /** Called when bytes came, before anybody uses them; must not throw. */
  onBytes: (() => void) | null = null;
  /** Writes under way that read from {@linkcode Input.bytes}, which must stay as it is meanwhile. */
  lent = 0;
  #stream: ByteStream;
  #own: BufferPool;
  #large: BufferPool;
  #ownBuffer: Uint8Array<ArrayBuffer>;
  #pending: Promise<void> | null = null;
  #closed = false;
  #givenBack = false;

  /**
   * @param own Has the buffer that is held while there is no need for more.
   * @param large Has buffers for long bodies.
   */
  constructor(stream: ByteStream, own: BufferPool, large: BufferPool) {
    this.#stream = stream;
    this.#own = own;
    this.#large = large;
    this.bytes = this.#ownBuffer = own.take();
  }

  get available(): number {
    return this.end - this.start;
  }

  /** A read is under way; the bytes behind `end` are not ours then. */
  get pending(): boolean {
    return this.#pending !== null;
  }

  /** Something can be read without growing, or touching what is lent. */
  get hasRoom(): boolean {
    return this.lent === 0 && (this.end < this.bytes.length || this.start > 0);
  }

  /** Puts bytes that were read before in front of everything else; only at the beginning. */
  seed(bytes: Uint8Array): void {
    while (this.bytes.length < bytes.length) this.#grow();
    this.bytes.set(bytes);
    this.end = bytes.length;
  }

  consume(count: number): void {
    this.start += count;
  }

  /** Resolves when more has come or nothing can come any more. Never rejects. */
  fill(): Promise<void> {
    if (this.#pending) return this.#pending;
    if (this.state !== "open") return Promise.resolve();
    this.#makeRoom();
    const free = this.end === 0 ? this.bytes : this.bytes.subarray(this.end);
    return this.#pending = this.#stream.read(free).then(this.#onRead, this.#onError);
  }

  /** Like {@linkcode fill}, with more room where nothing is held: for long bodies. */
  fillLarge(): Promise<void> {
    if (!this.#pending && this.start === this.end && this.bytes === this.#ownBuffer) {
      this.bytes = this.#large.take();
      this.start = this.end = 0;
    }
    return this.fill();
  }

  /** Gives back what {@linkcode fillLarge} or a long head took, if nothing is held. */
  shrink(): void {
    if (this.#pending || this.lent > 0 || this.start !== this.end) return;
    this.start = this.end = 0;
    if (this.bytes === this.#ownBuffer) return;
    this.#large.give(this.bytes);
    this.bytes = this.#ownBuffer;
  }

  /** The stream is closed; nothing more is read. Safe to call again. */
  close(): void {
    this.#closed = true;
    if (this.state === "open") this.state = "broken";
    this.start = this.end;
    this.#giveBack();
  }

  /** Gives all buffers away as soon as nothing writes to or reads from them any more. */
  #giveBack(): void {
    if (this.#pending || this.lent > 0 || this.#givenBack) return;
    this.#givenBack = true;
    this.shrink();
    this.#own.give(this.#ownBuffer);
  }

  #makeRoom(): void {
    if (this.start === this.end) {
      this.start = this.end = 0;
    } else if (this.end === this.bytes.length) {
      if (this.start > 0) this.#compact();
      else this.#grow();
    }
  }

  #compact(): void {
    this.bytes.copyWithin(0, this.start, this.end);
    this.end -= this.start;
    this.start = 0;
  }

  #grow(): void {
    const grown = new Uint8Array(this.bytes.length * 2);
    grown.set(this.bytes);
    if (this.bytes !== this.#ownBuffer) this.#large.give(this.bytes);
    this.bytes = grown;
  }

  #onRead = (count: number | null): void => {
    this.#pending = null;
    if (this.#closed) return this.#giveBack();
    if (count === null) return this.#over("ended");
    this.end += count;
    this.onBytes?.();
  };

  #onError = (): void => {
    this.#pending = null;
    if (this.#closed) this.#giveBack();
    else this.#over("broken");
  };

  #over(state: InputState): void {
    this.state = state;
    this.onEnd?.();
  }
}
