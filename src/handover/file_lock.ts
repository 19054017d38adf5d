const TRY_AGAIN_MS = 25;

/** A lock between processes (flock). The kernel takes it away from a process that ends. */
export class FileLock implements Disposable {
  readonly path: string;
  readonly #file: Deno.FsFile;
  #held = false;

  /** Opens the file, creating it if need be; takes nothing yet. */
  constructor(path: string) {
    this.path = path;
    this.#file = Deno.openSync(path, { read: true, write: true, create: true, mode: 0o600 });
  }

  get held(): boolean {
    return this.#held;
  }

  /** Takes it if nobody has it. @returns Whether it is ours. */
  tryTake(): boolean {
    if (!this.#held && this.#file.tryLockSync(true)) {
      this.#held = true;
      this.#sign();
    }
    return this.#held;
  }

  /**
   * Waits for it.
   *
   * @returns Whether it is ours; false after `waitMs` milliseconds.
   * @throws The reason of `signal` when that aborts.
   */
  async take(waitMs: number, signal?: AbortSignal): Promise<boolean> {
    const until = performance.now() + waitMs;
    while (!this.tryTake()) {
      if (performance.now() >= until) return false;
      await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS));
      signal?.throwIfAborted();
    }
    return true;
  }

  /** Gives it back; safe to call when it is not ours. */
  release(): void {
    if (this.#held) this.#file.unlockSync();
    this.#held = false;
  }

  /** Who took it last, for messages; null if that is not known. */
  holder(): number | null {
    try {
      const pid = Number(Deno.readTextFileSync(this.path).trim());
      return Number.isInteger(pid) && pid > 0 ? pid : null;
    } catch {
      return null;
    }
  }

  /** Gives it back and closes the file. */
  [Symbol.dispose](): void {
    this.#held = false;
    try {
      this.#file.close();
    } catch {
      // Closed before.
    }
  }

  #sign(): void {
    try {
      this.#file.truncateSync();
      this.#file.seekSync(0, Deno.SeekMode.Start);
      this.#file.writeSync(new TextEncoder().encode(`${Deno.pid}\n`));
    } catch {
      // The lock holds without the number.
    }
  }
}
