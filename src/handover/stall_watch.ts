/** Between two looks, in milliseconds. */
const LOOK_EVERY_MS = 200;

/** What a {@linkcode StallWatch} is told. */
export interface StallWatchOptions {
  /** Whether connections wait to be accepted; null: nobody can tell. */
  isWaiting(): boolean | null;
  /**
   * Nobody was accepted for a while. Must not throw.
   *
   * @param isCertain Connections wait; otherwise it may only be quiet.
   */
  onStall(isCertain: boolean): void;
}

/**
 * Notices that a listener of `node:net` has stopped accepting: after one `accept` that failed, for
 * want of file descriptors, Deno never tries again, and tells nobody.
 */
export class StallWatch implements Disposable {
  readonly #options: StallWatchOptions;
  readonly #timer: ReturnType<typeof setInterval>;
  #isSuspect = false;

  constructor(options: StallWatchOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
    // Who ends should not have to wait for it; the listener itself keeps the process alive.
    Deno.unrefTimer(Number(this.#timer));
  }

  /** Somebody was accepted. */
  accepted(): void {
    this.#isSuspect = false;
  }

  /** Looks no more. Safe to call again. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  /** Who waits at one look may be accepted next; who waits at two in a row is not. */
  #look(): void {
    const waits = this.#options.isWaiting();
    const wasSuspect = this.#isSuspect;
    this.#isSuspect = waits !== false;
    if (!wasSuspect || waits === false) return;
    this.#isSuspect = false;
    this.#options.onStall(waits === true);
  }
}
