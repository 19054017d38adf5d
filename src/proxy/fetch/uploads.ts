/** Counts the requests whose body is still arriving. */
export class Uploads {
  #count = 0;
  #waiting: (() => void)[] = [];

  get count(): number {
    return this.#count;
  }

  /** @returns Ends the upload; safe to call again. */
  begin(): () => void {
    let ended = false;
    this.#count++;
    return () => {
      if (ended) return;
      ended = true;
      if (--this.#count === 0) this.#wake();
    };
  }

  /** Resolves as soon as no body is arriving. */
  none(): Promise<void> {
    if (this.#count === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
