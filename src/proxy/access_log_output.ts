import type { LogOutput } from "../platform/log_sink.ts";
import { pause } from "../platform/poll.ts";

/** Readable by the owner and the group: who asked for what is nobody else's business. */
const MODE = 0o640;
/** A pipe without a reader would be waited for without end. */
const OPEN_TIMEOUT_MS = 5_000;
const CHECK_EVERY_MS = 1_000;

/** Standard output, which is nobody's to close. */
export const standardOutput: LogOutput = {
  write: (bytes) => Deno.stdout.write(bytes),
};

interface OpenFile {
  readonly file: Deno.FsFile;
  readonly dev: number;
  readonly ino: number | null;
}

/**
 * A file that lines are appended to. When somebody moves or deletes it, a new one is made: before
 * the next write, but looked for once a second at most.
 */
export class AppendedFile implements LogOutput {
  readonly #path: string;
  readonly #onError: (error: Error) => void;
  #file: OpenFile;
  #checkedAt = performance.now();
  /** Why the file could not be made anew, until it can. */
  #trouble: string | null = null;

  /** @throws {Error} When it cannot be opened; the message names it. */
  static async open(path: string, onError: (error: Error) => void): Promise<AppendedFile> {
    return new AppendedFile(path, await openFile(path), onError);
  }

  private constructor(path: string, file: OpenFile, onError: (error: Error) => void) {
    this.#path = path;
    this.#file = file;
    this.#onError = onError;
  }

  async write(bytes: Uint8Array): Promise<number> {
    if (performance.now() - this.#checkedAt >= CHECK_EVERY_MS) await this.refresh();
    return await this.#file.file.write(bytes);
  }

  /**
   * Opens the file again if the path leads elsewhere by now; else, and on failure, keeps it. What
   * fails again for the same reason is told once.
   */
  async refresh(): Promise<void> {
    this.#checkedAt = performance.now();
    try {
      if (!await this.#isInPlace()) this.#replace(await openFile(this.#path));
      this.#trouble = null;
    } catch (error) {
      this.#failed(error instanceof Error ? error : new Error(String(error)));
    }
  }

  close(): void {
    this.#file.file.close();
  }

  #replace(opened: OpenFile): void {
    const old = this.#file;
    this.#file = opened;
    old.file.close();
  }

  #failed(error: Error): void {
    if (error.message === this.#trouble) return;
    this.#trouble = error.message;
    this.#onError(error);
  }

  async #isInPlace(): Promise<boolean> {
    const there = await Deno.stat(this.#path).catch(() => null);
    return there?.ino === this.#file.ino && there.dev === this.#file.dev;
  }
}

/** Asked while nothing is being written: later questions would wait behind a write that stalls. */
function identified(file: Deno.FsFile): OpenFile {
  const { dev, ino } = file.statSync();
  return { file, dev, ino };
}

async function openFile(path: string): Promise<OpenFile> {
  const opening = Deno.open(path, { append: true, create: true, mode: MODE });
  const over = new AbortController();
  try {
    const file = await Promise.race([
      opening,
      pause(OPEN_TIMEOUT_MS, over.signal).then(() => null),
    ]);
    if (file !== null) return identified(file);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot open access log ${path}: ${detail}`, { cause: error });
  } finally {
    over.abort();
  }
  opening.then((late) => late.close(), () => {});
  throw new Error(`Cannot open access log ${path}: nobody reads it`);
}
