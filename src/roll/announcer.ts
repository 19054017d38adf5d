import type { AppState, RollEvent } from "./events.ts";
import type { Summary } from "./summary.ts";

/** Tells when the state has changed, and from what; the only place that does. */
export class Announcer {
  readonly #observe: (event: RollEvent) => void;
  #last: Summary = { state: "starting", detail: "" };

  constructor(observe: (event: RollEvent) => void) {
    this.#observe = observe;
  }

  /** Takes the present state; says nothing when it is the one that was told last. */
  announce({ state, detail }: Summary): void {
    const was: AppState = this.#last.state;
    if (state === was && detail === this.#last.detail) return;
    this.#last = { state, detail };
    this.#observe({ type: "state", state, was, detail });
  }
}
