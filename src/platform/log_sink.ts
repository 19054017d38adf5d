import { pause } from "./poll.ts";

const MAX_QUEUED_CHARACTERS = 1024 * 1024;
const MAX_WRITE_CHARACTERS = 64 * 1024;
const FULL_PIPE_PAUSE_MS = 20;

/** Where lines go, for example `Deno.stderr`. */
export interface LogOutput {
  /** @returns How many bytes were taken; may be fewer than offered. */
  write(bytes: Uint8Array): Promise<number>;
}

/** Options of {@linkcode LogSink}. */
export interface LogSinkOptions {
  /** Queue bound, in characters. @default {1048576} */
  maxQueued?: number;
  /** How long lines are collected before they are written together. @default {0} */
  lingerMs?: number;
  /** The line that tells how many lines could not be kept; may be empty. */
  droppedLine(count: number): string;
}

/**
 * Writes lines in the background and never makes anybody wait.
 *
 * A reader that stalls (a stopped terminal, a full disk) would freeze the whole event loop if
 * lines were written synchronously. Here a bounded queue fills, further lines are dropped, and
 * the first line after the recovery says how many. The output is not closed.
 */
export class LogSink {
  readonly #out: LogOutput;
  readonly #maxQueued: number;
  readonly #lingerMs: number;
  readonly #droppedLine: (count: number) => string;
  readonly #encoder = new TextEncoder();
  #queue: string[] = [];
  #queued = 0;
  #dropped = 0;
  #unreported = 0;
  #writing: Promise<void> | null = null;
  #broken = false;
  #lingering: AbortController | null = null;
  #flushes = 0;

  constructor(out: LogOutput, options: LogSinkOptions) {
    this.#out = out;
    this.#maxQueued = options.maxQueued ?? MAX_QUEUED_CHARACTERS;
    this.#lingerMs = options.lingerMs ?? 0;
    this.#droppedLine = options.droppedLine;
  }

  /** Lines lost so far. */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * Queues complete lines; returns at once, in every case.
   *
   * @param lines Not called when there is no room, so that a flood costs little.
   */
  write(lines: () => string): void {
    if (this.#broken || this.#queued >= this.#maxQueued) return this.#drop(1);
    this.#reportDrops();
    this.#enqueue(lines());
    this.#writing ??= this.#drain();
    if (this.#queued >= MAX_WRITE_CHARACTERS) this.#lingering?.abort();
  }

  /** @returns Whether everything queued was written within `timeoutMs`. */
  async flush(timeoutMs: number): Promise<boolean> {
    if (this.#writing === null) return true;
    this.#flushes++;
    this.#lingering?.abort();
    const over = new AbortController();
    const written = this.#writing.then(() => true);
    const isWritten = await Promise.race([
      written,
      pause(timeoutMs, over.signal).then(() => false),
    ]);
    over.abort();
    this.#flushes--;
    return isWritten;
  }

  #drop(count: number): void {
    this.#dropped += count;
    this.#unreported += count;
  }

  #reportDrops(): void {
    if (this.#unreported === 0) return;
    const line = this.#droppedLine(this.#unreported);
    this.#unreported = 0;
    this.#enqueue(line);
  }

  #enqueue(lines: string): void {
    if (lines === "") return;
    this.#queue.push(lines);
    this.#queued += lines.length;
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0 && !this.#broken) {
      if (this.#lingerMs > 0) await this.#linger();
      const batch = this.#nextBatch();
      try {
        await this.#writeAll(this.#encoder.encode(batch.join("")));
        if (this.#queue.length === 0) this.#reportDrops();
      } catch (error) {
        this.#drop(batch.length);
        this.#broken = isGone(error);
      }
    }
    if (this.#broken) this.#discard();
    this.#writing = null;
  }

  /** Waits for company, unless there is enough, or somebody waits. */
  async #linger(): Promise<void> {
    if (this.#flushes > 0 || this.#queued >= MAX_WRITE_CHARACTERS) return;
    this.#lingering = new AbortController();
    await pause(this.#lingerMs, this.#lingering.signal);
    this.#lingering = null;
  }

  #nextBatch(): string[] {
    let end = 0;
    for (let size = 0; end < this.#queue.length && size < MAX_WRITE_CHARACTERS; end++) {
      size += this.#queue[end]!.length;
    }
    const batch = this.#queue.splice(0, end);
    for (const lines of batch) this.#queued -= lines.length;
    return batch;
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    for (let written = 0; written < bytes.length;) {
      try {
        written += await this.#out.write(bytes.subarray(written));
      } catch (error) {
        // Whoever shares the pipe may have made it non-blocking.
        if (!(error instanceof Deno.errors.WouldBlock)) throw error;
        await pause(FULL_PIPE_PAUSE_MS);
      }
    }
  }

  #discard(): void {
    this.#drop(this.#queue.length);
    this.#queue = [];
    this.#queued = 0;
  }
}

/** Whether nobody will ever read again. */
function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.BadResource;
}
