/** Wakes who waits; a ring that nobody heard is kept for the next who waits. */
export class Bell {
  #hasRung = false;
  #wake: (() => void) | null = null;

  ring(): void {
    this.#hasRung = true;
    this.#wake?.();
  }

  /** Resolves at the next ring, or when `signal` aborts. One at a time may wait. */
  async rung(signal: AbortSignal): Promise<void> {
    if (!this.#hasRung && !signal.aborted) await this.#ringOrAbort(signal);
    this.#hasRung = false;
  }

  async #ringOrAbort(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    signal.addEventListener("abort", () => resolve(), { once: true });
    await promise;
    this.#wake = null;
  }
}
