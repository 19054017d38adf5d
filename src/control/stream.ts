import type { Clock } from "../platform/clock.ts";
import { Problem } from "./problem.ts";

/** What may wait for a reader; who is further behind is dropped. */
const MAX_WAITING_BYTES = 256 * 1024;

/** More readers than people and tools need. */
const MAX_STREAMS = 64;

const encoder = new TextEncoder();

/** All answers that go on until somebody ends them. */
export class Streams {
  readonly #open = new Set<Stream>();
  /** Those that were open at the end; what was sent may not have been read yet. */
  #ending: readonly Stream[] = [];
  #ended = false;

  /** How many there are. */
  get size(): number {
    return this.#open.size;
  }

  /** Begins one. @throws {Problem} When there are too many, or no more. */
  open(): Stream {
    if (this.#ended) throw new Problem("unavailable", "liveroll is about to stop");
    if (this.#open.size >= MAX_STREAMS) {
      throw new Problem("unavailable", `There are ${MAX_STREAMS} readers already`);
    }
    const stream = new Stream();
    this.#open.add(stream);
    stream.closed.addEventListener("abort", () => this.#open.delete(stream), { once: true });
    return stream;
  }

  /** Ends all; readers still get what was sent. There are no new ones. */
  end(): void {
    this.#ended = true;
    this.#ending = [...this.#open];
    for (const stream of this.#ending) stream.end();
  }

  /** Ends all at once, whoever still reads. */
  cut(): void {
    for (const stream of this.#ending) stream.cut("liveroll stops");
  }
}

/** An answer that goes on. Never waits for its reader, and never buffers without end for it. */
export class Stream {
  readonly body: ReadableStream<Uint8Array>;
  readonly #closed = new AbortController();
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #maxWaiting = MAX_WAITING_BYTES;

  constructor() {
    this.body = new ReadableStream<Uint8Array>({
      start: (controller) => void (this.#controller = controller),
      pull: () => this.#read(),
      cancel: () => this.#closed.abort(),
    }, new ByteLengthQueuingStrategy({ highWaterMark: 1 }));
  }

  /** Aborts when nothing can be sent any more. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** Sends the first part, however long it is: what comes later is on top of it. */
  begin(text: string): void {
    const bytes = encoder.encode(text);
    this.#maxWaiting = MAX_WAITING_BYTES + bytes.length;
    this.#send(bytes);
  }

  /** Sends `text`, or drops a reader that is too far behind. */
  send(text: string): void {
    this.#send(encoder.encode(text));
  }

  /** Sends `text` every `ms`, so that a reader that has vanished is noticed. Never rejects. */
  async beat(clock: Clock, ms: number, text: string): Promise<void> {
    while (!this.closed.aborted) {
      await clock.sleep(ms, this.closed).then(() => this.send(text), () => {});
    }
  }

  /** The reader gets what was sent, and then the end. */
  end(): void {
    if (this.closed.aborted) return;
    this.#controller.close();
    this.#closed.abort();
  }

  /** The reader gets a broken answer, now. */
  cut(why: string): void {
    this.#controller.error(new Error(why));
    this.#closed.abort();
  }

  #send(bytes: Uint8Array): void {
    if (this.closed.aborted) return;
    if (this.#waiting() + bytes.length > this.#maxWaiting) this.cut("the reader is too slow");
    else this.#controller.enqueue(bytes);
  }

  #waiting(): number {
    return 1 - (this.#controller.desiredSize ?? 1);
  }

  /** Nothing waits. */
  #read(): void {
    this.#maxWaiting = MAX_WAITING_BYTES;
  }
}
