import { type LogOutput, LogSink } from "../platform/log_sink.ts";
import type { AccessEntry, AccessLog } from "./access_log.ts";
import { type AccessFormat, combinedEntry, jsonEntry } from "./access_log_format.ts";
import { AppendedFile, standardOutput } from "./access_log_output.ts";

const FORMATS = {
  json: jsonEntry,
  combined: combinedEntry,
} as const satisfies Record<string, AccessFormat>;

const CLOSE_TIMEOUT_MS = 1_000;
/** Lines are collected so long: a write for each request would cost more than the request. */
const LINGER_MS = 100;
/** What was lost is told this often and no more, however often the trouble comes back. */
const TELL_EVERY_MS = 10_000;

/** Where and how requests are written down. */
export interface AccessLogOptions {
  /** A file; `-` is standard output. */
  path: string;
  format: keyof typeof FORMATS;
  /** Characters that may wait to be written. @default {1048576} */
  maxQueued?: number;
  /** Told of trouble, once for each kind of it until it is over; must not throw. */
  onError(error: Error): void;
}

/**
 * Opens an access log.
 *
 * @throws {Error} When the file cannot be opened; the message names it.
 */
export async function openAccessLog(options: AccessLogOptions): Promise<AccessLogFile> {
  const { path, onError } = options;
  const file = path === "-" ? null : await AppendedFile.open(path, onError);
  return new AccessLogFile(file, options);
}

/** Writes entries in the background; what a stalled disk or reader leaves no room for is dropped. */
export class AccessLogFile implements AccessLog, AsyncDisposable {
  readonly #file: AppendedFile | null;
  readonly #format: AccessFormat;
  readonly #sink: LogSink;
  readonly #onError: (error: Error) => void;
  #isDropping = false;
  /** How many lost entries were told of, and when. */
  #told = 0;
  #toldAt = -Infinity;
  #lastTrouble: string | null = null;
  #closed = false;

  /** @param file Null: standard output. */
  constructor(file: AppendedFile | null, options: AccessLogOptions) {
    this.#file = file;
    this.#format = FORMATS[options.format];
    this.#onError = options.onError;
    this.#sink = new LogSink(this.#watched(file ?? standardOutput), {
      ...options.maxQueued === undefined ? {} : { maxQueued: options.maxQueued },
      lingerMs: LINGER_MS,
      droppedLine: () => "",
    });
  }

  /** Entries that were lost so far. */
  get dropped(): number {
    return this.#sink.dropped;
  }

  record(entry: AccessEntry): void {
    if (this.#closed) return;
    const before = this.#sink.dropped;
    this.#sink.write(() => this.#format(entry));
    if (this.#sink.dropped === before || this.#isDropping || this.#lastTrouble !== null) return;
    this.#isDropping = true;
    this.#onError(new Error("Cannot keep up with the access log: entries are dropped"));
  }

  /** Writes to a new file if the old one was moved away; never rejects. */
  async reopen(): Promise<void> {
    await this.#file?.refresh();
  }

  /** Writes what is there, for at most `timeoutMs`, and ends. Never rejects. */
  async close(timeoutMs = CLOSE_TIMEOUT_MS): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (!await this.#sink.flush(timeoutMs)) {
      this.#onError(new Error("Cannot write the last entries of the access log: it stalls"));
    }
    this.#tellLost();
    this.#file?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #watched(out: LogOutput): LogOutput {
    return {
      write: async (bytes) => {
        try {
          const written = await out.write(bytes);
          this.#lastTrouble = null;
          this.#worked();
          return written;
        } catch (error) {
          this.#failed(error);
          // The sink would give up for good; a pipe with a name gets another reader.
          if (this.#file && error instanceof Deno.errors.BrokenPipe) {
            throw new Error(error.message, { cause: error });
          }
          throw error;
        }
      },
    };
  }

  #failed(error: unknown): void {
    // A full pipe is tried again, and drops tell their own story.
    if (error instanceof Deno.errors.WouldBlock) return;
    const detail = error instanceof Error ? error.message : String(error);
    if (detail === this.#lastTrouble) return;
    this.#lastTrouble = detail;
    this.#onError(new Error(`Cannot write access log: ${detail}`, { cause: error }));
  }

  #worked(): void {
    if (performance.now() - this.#toldAt >= TELL_EVERY_MS) this.#tellLost();
  }

  #tellLost(): void {
    const count = this.#sink.dropped - this.#told;
    if (count === 0) return;
    this.#told += count;
    this.#toldAt = performance.now();
    this.#isDropping = false;
    this.#onError(new Error(`Cannot complete the access log: ${count} entries were dropped`));
  }
}
