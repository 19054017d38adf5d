import {
  CHUNK_HEADROOM,
  CHUNK_TAILROOM,
  LAST_CHUNK,
  writeChunkEnd,
  writeChunkHeader,
} from "./body/chunk_encoder.ts";
import type { BodyFilter } from "./body/filter.ts";
import { createResponseFilter } from "./body/create_filter.ts";
import type { ByteWriter } from "./byte_writer.ts";
import type { Client } from "./client.ts";
import type { ResponseHead } from "./head/heads.ts";
import type { Outgoing } from "./outgoing.ts";
import type { Relay } from "./relay.ts";
import type { Upstream } from "./upstream.ts";

/** A backend's answer, as far as its head. */
export interface Answer {
  readonly upstream: Upstream;
  readonly head: ResponseHead;
}

/** An answer on its way from a backend to the client. */
export class Download {
  #relay: Relay;
  #client: Client;
  #outgoing: Outgoing;
  #answer: Answer;
  #reply: ByteWriter;
  #filter: BodyFilter;
  /** The client gets chunks, though the backend sends none. */
  #encode: boolean;
  /** An answer that began before its request had ended leaves a connection that nobody can trust. */
  #reusable: boolean;
  #complete: boolean;

  /**
   * @param outgoing The request that is answered.
   * @param reply Holds the answer's head; nothing of it was sent.
   */
  constructor(
    relay: Relay,
    client: Client,
    outgoing: Outgoing,
    answer: Answer,
    reply: ByteWriter,
  ) {
    const { framing, clientFraming } = answer.head;
    this.#relay = relay;
    this.#client = client;
    this.#outgoing = outgoing;
    this.#answer = answer;
    this.#reply = reply;
    this.#filter = createResponseFilter(framing, clientFraming, relay.options.limits);
    this.#encode = framing.kind === "close" && clientFraming.kind === "chunked";
    this.#reusable = answer.head.reusable && outgoing.isDeliveredTo(answer.upstream);
    this.#complete = this.#filter.done;
  }

  /** Bytes of content so far. */
  get bytes(): number {
    return this.#filter.content;
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
   * @throws When the client is gone.
   */
  async run(): Promise<boolean> {
    const { upstream } = this.#answer;
    const { deadlines, options: { limits } } = this.#relay;
    while (!this.#complete) {
      if (this.#filter.fault || upstream.input.state !== "open") return false;
      upstream.deadlineAt = deadlines.in(limits.responseIdleTimeoutMs);
      await upstream.input.fillLarge();
      upstream.deadlineAt = Infinity;
      await this.#pass();
    }
    return true;
  }

  /** Sends the next piece: from the buffer in which it came, where nothing must be put around it. */
  async #pass(): Promise<void> {
    const { input } = this.#answer.upstream;
    if (this.#encode) {
      this.#reply.reset();
      this.#append();
      if (this.#reply.length > 0) await this.#client.send(this.#reply.view());
      return;
    }
    const from = input.start;
    const kept = this.#take();
    if (kept > 0) {
      input.lent++;
      await this.#client.send(input.bytes.subarray(from, from + kept)).finally(() => input.lent--);
    }
    if (this.#complete) this.#release();
  }

  /** Copies the next piece behind the reply; the backend is free before the client has it. */
  #append(): void {
    const { input } = this.#answer.upstream;
    const from = input.start;
    const kept = this.#take();
    if (!this.#encode) this.#reply.copy(input.bytes, from, from + kept);
    else appendChunk(this.#reply, input.bytes, from, kept);
    if (!this.#complete) return;
    if (this.#encode) this.#reply.copy(LAST_CHUNK, 0, LAST_CHUNK.length);
    this.#release();
  }

  /** @returns How many bytes, from where the input began, are to be passed on. */
  #take(): number {
    const { input } = this.#answer.upstream;
    if (this.#complete) return 0;
    const available = input.available;
    if (available > 0) {
      this.#filter.take(input.bytes, input.start, input.end);
      input.consume(this.#filter.consumed);
    }
    this.#complete = this.#filter.done ||
      input.state === "ended" && this.#filter.completeAtEnd();
    return available > 0 ? this.#filter.kept : 0;
  }

  /**
   * The backend is done with this request. What it has not read of the body it must not get any
   * more: a careless one would take it for the next request.
   */
  #release(): void {
    const { upstream, head } = this.#answer;
    this.#outgoing.pause();
    if (this.#reusable && upstream.input.available === 0) {
      this.#relay.upstreams.give(upstream, head.idleTimeoutMs);
    } else {
      upstream.close();
    }
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
