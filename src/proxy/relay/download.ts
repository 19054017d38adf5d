import {
  CHUNK_HEADROOM,
  CHUNK_TAILROOM,
  LAST_CHUNK,
  writeChunkEnd,
  writeChunkHeader,
} from "./body/chunk_encoder.ts";
import type { BodyFilter } from "./body/filter.ts";
import type { ByteWriter } from "./byte_writer.ts";
import type { Upstream } from "./upstream.ts";

/** What a {@linkcode Download} needs. */
export interface DownloadOptions {
  upstream: Upstream;
  filter: BodyFilter;
  /** Holds the answer's head; nothing of it was sent. */
  reply: ByteWriter;
  /** The client gets chunks, though the backend sends none. */
  encode: boolean;
  /** Until when the next piece must have come from the backend. */
  readDeadline(): number;
  /** Sends to the client; rejects when it is gone. */
  send(bytes: Uint8Array): Promise<void>;
  /** The backend's part is over; the client may still wait for the rest. */
  onComplete(): void;
}

/** An answer on its way from a backend to the client. */
export class Download {
  #options: DownloadOptions;
  #complete: boolean;

  constructor(options: DownloadOptions) {
    this.#options = options;
    this.#complete = options.filter.done;
  }

  /** The answer is in the reply, or was sent, to its end. */
  get complete(): boolean {
    return this.#complete;
  }

  /** Puts what is there of the body behind the head, so that both go in one write. */
  begin(): void {
    this.#append();
  }

  /**
   * Sends the rest as it comes.
   *
   * @returns Whether the answer was complete. If not, the client's connection must be cut: nothing
   * broken may look whole.
   */
  async run(): Promise<boolean> {
    const { upstream, filter, readDeadline } = this.#options;
    const { input } = upstream;
    while (!this.#complete) {
      if (filter.fault || input.state !== "open") return false;
      upstream.deadlineAt = readDeadline();
      await input.fillLarge();
      upstream.deadlineAt = Infinity;
      await this.#pass();
    }
    return true;
  }

  /** Sends the next piece: from the buffer in which it came, where nothing must be put around it. */
  async #pass(): Promise<void> {
    const { upstream: { input }, reply, encode, send, onComplete } = this.#options;
    if (encode) {
      reply.reset();
      this.#append();
      if (reply.length > 0) await send(reply.view());
      return;
    }
    const from = input.start;
    const kept = this.#take();
    if (kept > 0) await send(input.bytes.subarray(from, from + kept));
    if (this.#complete) onComplete();
  }

  /** Copies the next piece behind the reply; the backend is free before the client has it. */
  #append(): void {
    const { upstream: { input }, reply, encode } = this.#options;
    const from = input.start;
    const kept = this.#take();
    if (!encode) reply.copy(input.bytes, from, from + kept);
    else appendChunk(reply, input.bytes, from, kept);
    if (!this.#complete) return;
    if (encode) reply.copy(LAST_CHUNK, 0, LAST_CHUNK.length);
    this.#options.onComplete();
  }

  /** @returns How many bytes, from where the input began, are to be passed on. */
  #take(): number {
    const { upstream: { input }, filter } = this.#options;
    if (this.#complete) return 0;
    const available = input.available;
    if (available > 0) {
      filter.take(input.bytes, input.start, input.end);
      input.consume(filter.consumed);
    }
    this.#complete = filter.done || input.state === "ended" && filter.completeAtEnd();
    return available > 0 ? filter.kept : 0;
  }
}

function appendChunk(reply: ByteWriter, bytes: Uint8Array, from: number, count: number): void {
  if (count === 0) return;
  reply.reserve(CHUNK_HEADROOM + count + CHUNK_TAILROOM);
  const header = new Uint8Array(CHUNK_HEADROOM);
  const start = writeChunkHeader(header, CHUNK_HEADROOM, count);
  reply.copy(header, start, CHUNK_HEADROOM);
  reply.copy(bytes, from, from + count);
  const end = new Uint8Array(CHUNK_TAILROOM);
  writeChunkEnd(end, 0);
  reply.copy(end, 0, CHUNK_TAILROOM);
}
