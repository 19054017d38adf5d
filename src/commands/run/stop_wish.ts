import { onSignals } from "../../platform/signals.ts";

/** Whether somebody wants this process to end; heard also while no application is looked after. */
export class StopWish implements Disposable {
  readonly #wished = new AbortController();
  readonly #hurried = new AbortController();
  readonly #signals: Disposable;

  constructor() {
    const wish = () => {
      if (this.#wished.signal.aborted) this.#hurried.abort();
      this.#wished.abort();
    };
    this.#signals = onSignals({ TERM: wish, INT: wish, QUIT: wish });
  }

  /** Aborts with the first signal. */
  get wished(): AbortSignal {
    return this.#wished.signal;
  }

  /** Aborts with the second one. */
  get hurried(): AbortSignal {
    return this.#hurried.signal;
  }

  [Symbol.dispose](): void {
    this.#signals[Symbol.dispose]();
  }
}
