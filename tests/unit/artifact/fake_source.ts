import type { AssetBody, Download } from "../../../src/artifact/asset.ts";
import type { Clock } from "../../../src/platform/clock.ts";

/** How one answer goes. */
export interface Answer {
  /** Bytes that it has before it breaks off; all of them, if not given. */
  readonly breaksAfter?: number;
  /** After its bytes it says nothing more. */
  readonly hangs?: boolean;
  readonly ignoresOffset?: boolean;
  /** Where it begins instead of where it should. */
  readonly offset?: number;
  readonly etag?: string | null;
  readonly totalBytes?: number | null;
  /** Comes instead of an answer. */
  readonly error?: Error;
  /** Never comes. */
  readonly silent?: boolean;
}

const CHUNK_BYTES = 1000;

/** A registry that answers as it is told to, one answer after another; then well. */
export class FakeSource implements Download {
  content: Uint8Array;
  readonly offsets: number[] = [];
  readonly answers: Answer[];
  /** Bodies that were not read to their end. */
  cancelled = 0;

  constructor(content: Uint8Array, answers: Answer[] = []) {
    this.content = content;
    this.answers = answers;
  }

  open(offset: number, signal: AbortSignal): Promise<AssetBody> {
    this.offsets.push(offset);
    const answer = this.answers.shift() ?? {};
    if (answer.error !== undefined) return Promise.reject(answer.error);
    if (answer.silent) return until(signal);
    const from = answer.offset ?? (answer.ignoresOffset ? 0 : offset);
    return Promise.resolve({
      body: this.#body(from, answer),
      offset: from,
      totalBytes: answer.totalBytes === undefined ? this.content.length : answer.totalBytes,
      etag: answer.etag === undefined ? '"1"' : answer.etag,
    });
  }

  #body(from: number, { breaksAfter, hangs }: Answer): ReadableStream<Uint8Array> {
    const end = breaksAfter === undefined ? this.content.length : from + breaksAfter;
    let at = from;
    return new ReadableStream({
      pull: (controller) => {
        const chunk = this.content.slice(at, Math.min(at + CHUNK_BYTES, end));
        at += chunk.length;
        if (chunk.length > 0) return controller.enqueue(chunk);
        if (hangs) return new Promise(() => {});
        if (breaksAfter === undefined) controller.close();
        else controller.error(new Error("connection reset"));
      },
      cancel: () => void this.cancelled++,
    }, { highWaterMark: 0 });
  }
}

/** Time that passes when somebody sleeps; stalls come at once, if they are to come. */
export class JumpingClock implements Clock {
  readonly slept: number[] = [];
  /** Sleeps of this length are deadlines; they end only where `stalls` says so. */
  readonly #deadlineMs: number;
  stalls = false;
  #now = 0;

  constructor(deadlineMs: number) {
    this.#deadlineMs = deadlineMs;
  }

  now(): number {
    return this.#now;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (ms === this.#deadlineMs && !this.stalls) return await until(signal);
    if (ms === this.#deadlineMs) return await new Promise((resolve) => setTimeout(resolve, 20));
    this.slept.push(ms);
    this.#now += ms;
  }
}

function until(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
