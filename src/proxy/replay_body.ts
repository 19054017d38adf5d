/** Largest piece handed out while everything is remembered. */
const PIECE_LIMIT = 64 * 1024;

/**
 * How much of a request body is remembered so that it can be sent again. `fetch` reads more than
 * 64 KiB before it has a connection, so one more piece is needed: a refused connection must not cost
 * a long upload.
 */
const REPLAY_LIMIT = 2 * PIECE_LIMIT;

/** How much is read after a failure, so that a client which sends first can read its answer. */
const DRAIN_LIMIT = 16 * 1024 * 1024;

type Chunk = Uint8Array<ArrayBuffer>;

const EMPTY: Chunk = new Uint8Array(0);

/** What a {@linkcode ReplayBody} tells about the client's side. */
export interface ReplayBodyEvents {
  /** The whole body has arrived. */
  onEnd?(): void;
  /** The client's body could not be read to its end: the client is gone. */
  onBroken?(error: unknown): void;
}

/**
 * A request body that can be sent more than once as long as it is short: its first bytes are
 * remembered until {@linkcode REPLAY_LIMIT} is passed, then dropped. It is read from the client
 * only as fast as it is sent.
 */
export class ReplayBody {
  #reader: ReadableStreamDefaultReader<Chunk>;
  #limit: number;
  #events: ReplayBodyEvents;
  #kept: Chunk[] | null = [];
  #leftover: Chunk | null = null;
  #receivedBytes = 0;
  #ended = false;
  #discarded = false;
  #broken: unknown = null;
  /** The newest stream; an older one must not read any more. */
  #generation = 0;
  #reading: Promise<void> | null = null;

  constructor(
    source: ReadableStream<Chunk>,
    events: ReplayBodyEvents = {},
    limit: number = REPLAY_LIMIT,
  ) {
    this.#reader = source.getReader();
    this.#events = events;
    this.#limit = limit;
  }

  /** Whether {@linkcode stream} can start again from the first byte. */
  get replayable(): boolean {
    return this.#kept !== null && this.#broken === null;
  }

  /** What was handed out, however often. */
  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /** Whether the whole body has arrived. */
  get ended(): boolean {
    return this.#ended;
  }

  /**
   * The body from its first byte. A stream made before stops delivering.
   *
   * @param onWait Told whether it is the client that is waited for; must not throw.
   * @throws {Error} When the beginning was dropped already.
   */
  stream(onWait: (waiting: boolean) => void = () => {}): ReadableStream<Chunk> {
    if (!this.replayable) throw new Error("Cannot send the body again: its beginning was dropped");
    const generation = ++this.#generation;
    let next = 0;
    return new ReadableStream<Chunk>({
      pull: async (controller) => {
        const kept = this.#kept?.[next];
        if (kept) {
          next++;
          controller.enqueue(kept);
          return;
        }
        onWait(true);
        const chunk = await this.#read(generation);
        onWait(false);
        next++;
        if (chunk) controller.enqueue(chunk);
        else controller.close();
      },
      // The source is left alone: the next attempt may want the rest of it.
    }, { highWaterMark: 0 });
  }

  /**
   * Reads ahead to see whether the body is empty; a broken one is not. Call it before
   * {@linkcode stream}.
   */
  async isEmpty(): Promise<boolean> {
    return await this.#next().catch(() => EMPTY) === null;
  }

  /**
   * Reads on while nobody wants the body, as far as it stays replayable: only reading tells that the
   * client has gone away. Ends when a stream is made. Never rejects.
   */
  async readAhead(): Promise<void> {
    const generation = this.#generation;
    while (this.#reading) await this.#reading;
    while (this.#canReadAhead && generation === this.#generation) {
      await this.#startRead().catch(() => {});
    }
  }

  /**
   * Gives up the client's body; nothing can be sent any more. Waits for a read under way, which ends
   * when the client goes on or goes away: Deno's server cannot cut a connection while one is
   * pending. Never rejects; safe to call again.
   */
  async discard(): Promise<void> {
    this.#discarded = true;
    this.#generation++;
    this.#kept = null;
    while (this.#reading) await this.#reading;
    await this.#reader.cancel().catch(() => {});
  }

  /**
   * Reads what is left and drops it, up to a limit, then discards: nothing else would ever give back
   * what Deno's server holds for an unread body. Nothing can be sent any more. Never rejects.
   */
  async drain(): Promise<void> {
    this.#generation++;
    this.#kept = null;
    let left = DRAIN_LIMIT;
    while (this.#reading) await this.#reading;
    while (left > 0 && !this.#ended && !this.#discarded && this.#broken === null) {
      const chunk = await this.#startRead().catch(() => null);
      left -= chunk?.length ?? 0;
    }
    await this.discard();
  }

  /**
   * The next new chunk, or null at the end. A read that an older stream began is waited for; its
   * chunk has been kept then, or the body is not replayable and there is no newer stream.
   */
  async #read(generation: number): Promise<Chunk | null> {
    const keptBefore = this.#kept?.length ?? 0;
    while (this.#reading) await this.#reading;
    if (generation !== this.#generation) throw new Error("Cannot read the body: sent again");
    const kept = this.#kept?.[keptBefore];
    if (kept) return kept;
    if (this.#ended) return null;
    if (this.#broken !== null) throw this.#broken;
    return await this.#startRead();
  }

  get #canReadAhead(): boolean {
    return this.replayable && !this.#ended && this.#receivedBytes + PIECE_LIMIT <= this.#limit;
  }

  /** One read at a time; others wait for {@linkcode #reading}. */
  #startRead(): Promise<Chunk | null> {
    const read = this.#next();
    this.#reading = read.then(() => {}, () => {}).finally(() => this.#reading = null);
    return read;
  }

  async #next(): Promise<Chunk | null> {
    try {
      const chunk = this.#leftover ?? await this.#readSource();
      if (!chunk) {
        this.#ended = true;
        this.#events.onEnd?.();
        return null;
      }
      return this.#remember(chunk);
    } catch (error) {
      this.#broken = error;
      this.#events.onBroken?.(error);
      throw error;
    }
  }

  /** Deno's server gives an empty chunk for an absent body; those say nothing. */
  async #readSource(): Promise<Chunk | null> {
    for (;;) {
      const { value } = await this.#reader.read();
      if (value === undefined) return null;
      if (value.length > 0) return value;
    }
  }

  /** Remembers the part of `chunk` that is handed out now, and returns it. */
  #remember(chunk: Chunk): Chunk {
    const piece = this.#kept ? chunk.subarray(0, PIECE_LIMIT) : chunk;
    this.#leftover = piece.length < chunk.length ? chunk.subarray(piece.length) : null;
    this.#receivedBytes += piece.length;
    if (this.#receivedBytes > this.#limit) this.#kept = null;
    this.#kept?.push(piece);
    return piece;
  }
}
