import type { Deadlines, Timed } from "../net/deadlines.ts";
import type { ByteStream } from "../net/stream.ts";
import { writeAll } from "../net/write_all.ts";
import { createRequestFilter } from "./body/create_filter.ts";
import type { BodyFilter } from "./body/filter.ts";
import type { ByteWriter } from "./byte_writer.ts";
import type { Client } from "./client.ts";
import type { RequestHead } from "./head/heads.ts";
import type { Input } from "./input.ts";
import type { Refusal } from "./refusal.ts";
import type { Relay } from "./relay.ts";

/** What an {@linkcode Upload} tells; nothing here may throw. */
export interface UploadEvents {
  /** Nothing can be sent before the client has sent more, or that is over. */
  onUploadWaits(waiting: boolean): void;
  /** The backend has the whole body. */
  onUploaded(): void;
  /** The client went away in the middle. */
  onClientGone(): void;
  /** The body is malformed, too long or too slow. */
  onRefused(refusal: Refusal): void;
}

/** What an {@linkcode Upload} needs. */
export interface UploadOptions {
  input: Input;
  filter: BodyFilter;
  /** Holds the request's head; takes the body's first bytes. */
  record: ByteWriter;
  /** Bytes of the body that the record may take. */
  replayBytes: number;
  deadlines: Deadlines;
  /** How long the client may pause; 0: for ever. */
  clientTimeoutMs: number;
  events: UploadEvents;
}

const TOO_SLOW: Refusal = {
  kind: "refused",
  status: 408,
  detail: "The rest of the request did not come in time.",
};

/** The upload of a request that has a body; `record` holds its head. */
export function createUpload(
  { options: { limits, replayBufferBytes }, deadlines }: Relay,
  { input }: Client,
  { framing }: RequestHead,
  record: ByteWriter,
  events: UploadEvents,
): Upload {
  return new Upload({
    input,
    filter: createRequestFilter(framing, limits),
    record,
    replayBytes: replayBufferBytes,
    deadlines,
    clientTimeoutMs: limits.clientBodyTimeoutMs,
    events,
  });
}

/**
 * The body of a request on its way from the client to one backend, or to several in turn: what was
 * sent is also recorded behind the head, as long as it fits, so that sending the record again is
 * sending the request again.
 */
export class Upload implements Timed {
  deadlineAt = Infinity;
  #options: UploadOptions;
  #recordLimit: number;
  #recording = true;
  #complete = false;
  #waiting = false;
  /** Counts the backends; an older turn must not touch anything any more. */
  #turn = 0;

  constructor(options: UploadOptions) {
    this.#options = options;
    this.#recordLimit = options.record.length + options.replayBytes;
    options.deadlines.add(this);
  }

  /** Everything came from the client. */
  get taken(): boolean {
    return this.#complete;
  }

  /** A piece is on its way to a backend. */
  get sending(): boolean {
    return this.#options.input.lent > 0;
  }

  /** The record holds everything that was sent so far. */
  get replayable(): boolean {
    return this.#recording;
  }

  /** Bytes of content so far. */
  get bytes(): number {
    return this.#options.filter.content;
  }

  /** Takes what is here already, so that it travels together with the head. */
  takeBuffered(): void {
    const { input } = this.#options;
    while (!this.#complete && input.available > 0 && this.#fits(input.available)) {
      if (this.#take() === null || this.#options.filter.consumed === 0) return;
    }
  }

  /**
   * Sends on to `stream` what the record does not hold. Never rejects.
   *
   * @returns Whether the backend has taken all of it; false when it takes no more, or after
   * {@linkcode pause}.
   */
  async run(stream: ByteStream): Promise<boolean> {
    const { input } = this.#options;
    const turn = ++this.#turn;
    while (!this.#complete) {
      if (input.available > 0) {
        const kept = this.#take();
        if (kept === null) return false;
        if (kept.length > 0 && !await this.#send(stream, kept)) return false;
        if (turn !== this.#turn) return false;
        if (this.#options.filter.consumed > 0) continue;
      }
      if (input.state !== "open") return this.#leave();
      this.#wait(true);
      await input.fillLarge();
      if (turn !== this.#turn) return false;
      this.#wait(false);
    }
    input.shrink();
    this.#options.events.onUploaded();
    return true;
  }

  /** Takes no more from the client for this backend; another {@linkcode run} may go on. */
  pause(): void {
    this.#turn++;
    this.#wait(false);
  }

  /** Ends it for good. */
  stop(): void {
    this.pause();
    this.#options.deadlines.remove(this);
  }

  onDeadline(): void {
    this.#refuse(TOO_SLOW);
  }

  async #send(stream: ByteStream, bytes: Uint8Array): Promise<boolean> {
    const { input } = this.#options;
    input.lent++;
    try {
      await writeAll(stream, bytes);
      return true;
    } catch {
      // Reading from the backend tells what became of it: perhaps it has answered already.
      return false;
    } finally {
      input.lent--;
    }
  }

  #leave(): false {
    this.#options.events.onClientGone();
    return false;
  }

  #fits(count: number): boolean {
    return this.#options.record.length + count <= this.#recordLimit;
  }

  /** The next bytes for the backend; null when the body is refused. They are recorded if they fit. */
  #take(): Uint8Array | null {
    const { input, filter, record } = this.#options;
    const from = input.start;
    filter.take(input.bytes, from, input.end);
    if (filter.fault) {
      this.#refuse(filter.fault);
      return null;
    }
    input.consume(filter.consumed);
    this.#complete = filter.done;
    if (this.#recording && this.#fits(filter.kept)) {
      record.copy(input.bytes, from, from + filter.kept);
    } else if (filter.kept > 0) {
      this.#recording = false;
    }
    return input.bytes.subarray(from, from + filter.kept);
  }

  #refuse(refusal: Refusal): void {
    this.pause();
    this.#options.events.onRefused(refusal);
  }

  #wait(waiting: boolean): void {
    if (waiting === this.#waiting) return;
    this.#waiting = waiting;
    const { deadlines, clientTimeoutMs, events } = this.#options;
    this.deadlineAt = waiting ? deadlines.in(clientTimeoutMs) : Infinity;
    events.onUploadWaits(waiting);
  }
}
