import { closeStream } from "./close_stream.ts";
import type { ByteStream } from "./stream.ts";

/** Enough for what is said in small pieces, little enough for ten thousand quiet connections. */
const FIRST_BUFFER_BYTES = 4096;

/** One direction holds no more than this; larger gains nothing. */
const LARGEST_BUFFER_BYTES = 131_072;

const GROWTH = 4;

/** A read that has begun already. */
export interface PendingRead {
  /** Where the bytes will be. */
  readonly buffer: Uint8Array;
  readonly count: Promise<number | null>;
}

/** What is special about what one side says. */
export interface DirectionOptions {
  /** Bytes that were read already; they go first. */
  initial?: Uint8Array;
  /** The next read, if somebody has begun it. */
  pending?: PendingRead;
  /** Sees all bytes before they are passed on; must neither change nor keep them, nor throw. */
  inspect?(bytes: Uint8Array): void;
  /** This side has nothing more to say, and the other one was told; must not throw. */
  onEnd?(): void;
}

/** How a {@linkcode pump} works. */
export interface PumpOptions {
  /** What `a` says. */
  fromA?: DirectionOptions;
  /** What `b` says. */
  fromB?: DirectionOptions;
  /** Something was read, from either side; must not throw. */
  onActivity?(): void;
}

/** What came of a {@linkcode pump}. */
export interface PumpReport {
  /** Bytes that `b` was given. */
  readonly fromA: number;
  /** Bytes that `a` was given. */
  readonly fromB: number;
  /** The side whose connection broke first; null when both ended in order. */
  readonly broken: "a" | "b" | null;
}

/** What both directions have in common. */
interface Course {
  broken: "a" | "b" | null;
  readonly onActivity: (() => void) | undefined;
}

/**
 * Passes everything on in both directions until both have ended, then closes both streams.
 *
 * The end of one direction is passed on and leaves the other one alone. A side that cannot be read
 * any more ends everything. A side that takes nothing any more may still have something to say (why
 * it closed, for example), so that only what goes there is given up.
 *
 * Each direction waits for its reader, and holds at most 128 KiB. To end it from outside, close the
 * streams. Never rejects.
 */
export async function pump(
  a: ByteStream,
  b: ByteStream,
  { fromA = {}, fromB = {}, onActivity }: PumpOptions = {},
): Promise<PumpReport> {
  const course: Course = { broken: null, onActivity };
  const there = new Direction({ name: "a", stream: a }, { name: "b", stream: b }, fromA, course);
  const back = new Direction({ name: "b", stream: b }, { name: "a", stream: a }, fromB, course);
  await Promise.all([there.run(), back.run()]);
  closeStream(a);
  closeStream(b);
  return { fromA: there.passed, fromB: back.passed, broken: course.broken };
}

interface Side {
  readonly name: "a" | "b";
  readonly stream: ByteStream;
}

/** One half of the conversation. */
class Direction {
  /** Bytes that the reader was given. */
  passed = 0;
  readonly #from: Side;
  readonly #to: Side;
  readonly #options: DirectionOptions;
  readonly #course: Course;

  constructor(from: Side, to: Side, options: DirectionOptions, course: Course) {
    this.#from = from;
    this.#to = to;
    this.#options = options;
    this.#course = course;
  }

  async run(): Promise<void> {
    const { initial, pending, onEnd } = this.#options;
    if (initial?.length && !await this.#pass(initial, initial.length)) return;
    const ended = await this.#copy(pending);
    if (!ended) return;
    try {
      await this.#to.stream.closeWrite();
    } catch {
      // It is closed already, or takes nothing more: either way it has been told.
    }
    onEnd?.();
  }

  /** @returns Whether it came to the end of what there is to say. */
  async #copy(pending: PendingRead | undefined): Promise<boolean> {
    const { onActivity } = this.#course;
    let buffer = pending?.buffer ?? new Uint8Array(FIRST_BUFFER_BYTES);
    let read = pending?.count;
    for (;;) {
      let count: number | null;
      try {
        count = await (read ?? this.#from.stream.read(buffer));
      } catch {
        this.#abandon();
        return false;
      }
      read = undefined;
      if (count === null) return true;
      onActivity?.();
      if (!await this.#pass(buffer, count)) return false;
      if (count === buffer.length && count < LARGEST_BUFFER_BYTES) {
        buffer = new Uint8Array(Math.min(count * GROWTH, LARGEST_BUFFER_BYTES));
      }
    }
  }

  /** @returns Whether all of it was taken. */
  async #pass(buffer: Uint8Array, count: number): Promise<boolean> {
    const { stream } = this.#to;
    this.#options.inspect?.(buffer.subarray(0, count));
    try {
      for (let from = 0; from < count;) {
        const written = await stream.write(buffer.subarray(from, count));
        from += written;
        this.passed += written;
      }
      return true;
    } catch {
      this.#course.broken ??= this.#to.name;
      return false;
    }
  }

  /** Nobody is there to hear what the other side still says. */
  #abandon(): void {
    this.#course.broken ??= this.#from.name;
    closeStream(this.#from.stream);
    closeStream(this.#to.stream);
  }
}
