/** What follows from a wish to stop. */
export type StopEffect =
  /** The end begins. */
  | "begun"
  /** It has begun already: nothing is waited for any more. */
  | "forced"
  /** Somebody else decides what becomes of what runs. */
  | "ignored";

/** Whether a life ends, and how: in order, at once, or left to another liveroll that goes on. */
export class Ending {
  readonly #stop = new AbortController();
  readonly #force = new AbortController();
  #isLeft = false;

  /** Aborts when everything ends, however it does. */
  get stopping(): AbortSignal {
    return this.#stop.signal;
  }

  /** Aborts when the end does not wait for anything any more. */
  get forced(): AbortSignal {
    return this.#force.signal;
  }

  /** It has begun, however. */
  get hasBegun(): boolean {
    return this.#stop.signal.aborted;
  }

  /** What runs goes on; another liveroll looks after it. */
  get isLeft(): boolean {
    return this.#isLeft;
  }

  /** The first call asks for an end in order, the second one does not wait. */
  stop(): StopEffect {
    if (this.#isLeft) return "ignored";
    if (this.hasBegun) {
      this.#force.abort();
      return "forced";
    }
    this.#stop.abort(new DOMException("liveroll is stopping", "AbortError"));
    return "begun";
  }

  /** Ends it, and leaves everything as it is. */
  leave(): void {
    this.#isLeft = true;
    this.#stop.abort(new DOMException("another liveroll goes on", "AbortError"));
  }
}
