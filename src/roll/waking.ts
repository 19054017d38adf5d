/** The look at what a former life has left, before anything is begun. */
export class Waking {
  readonly #onChanged: () => void;
  #isOver = false;
  #waitsFor: string | null = null;

  /** @param onChanged Told whenever it begins or ends to wait. */
  constructor(onChanged: () => void) {
    this.#onChanged = onChanged;
  }

  /** Everything was looked through. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** What does not answer, and why, for people; null: nothing is waited for. */
  get waitsFor(): string | null {
    return this.#waitsFor;
  }

  /** It cannot go on before that answers; null: it goes on. No news any more once it is over. */
  waitFor(why: string | null): void {
    if (this.#isOver || why === this.#waitsFor) return;
    this.#waitsFor = why;
    this.#onChanged();
  }

  end(): void {
    this.#isOver = true;
    this.#waitsFor = null;
  }
}
