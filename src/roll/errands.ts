/** What runs beside the loop; the end of everything waits for it. */
export class Errands {
  readonly #running = new Set<Promise<void>>();
  readonly #onEnded: () => void;

  /** @param onEnded Told whenever one has ended, however it did. */
  constructor(onEnded: () => void) {
    this.#onEnded = onEnded;
  }

  /** Something has begun. */
  add(work: Promise<void>): void {
    this.#running.add(work);
    work.finally(() => {
      this.#running.delete(work);
      this.#onEnded();
    });
  }

  /** Resolves when all that run now have ended. Never rejects. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#running);
  }
}
