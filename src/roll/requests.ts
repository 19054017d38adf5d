import type { RequestOutcome, RollEvent } from "./events.ts";

/** How what somebody asked for stands. */
export interface RequestState {
  readonly request: number;
  /** Null while it is under way. */
  readonly outcome: RequestOutcome | null;
  readonly roll: number | null;
  readonly detail: string;
}

/** Ended requests that are remembered. */
const MAX_REMEMBERED = 100;

/** What somebody asked for and waits for; numbered for the life of this process. */
export class Requests {
  readonly #observe: (event: RollEvent) => void;
  readonly #states = new Map<number, RequestState>();
  #count = 0;

  constructor(observe: (event: RollEvent) => void) {
    this.#observe = observe;
  }

  /** Opens a request. @returns Its number. */
  open(): number {
    const request = ++this.#count;
    this.#states.set(request, { request, outcome: null, roll: null, detail: "" });
    if (this.#states.size > MAX_REMEMBERED) this.#forgetOldest();
    return request;
  }

  /** Null: there is none of that number, or it was long ago. */
  get(request: number): RequestState | null {
    return this.#states.get(request) ?? null;
  }

  /** A roll was begun for it. */
  attach(request: number | null, roll: number): void {
    const state = request === null ? undefined : this.#states.get(request);
    if (state !== undefined) this.#states.set(state.request, { ...state, roll });
  }

  /** Ends a request, once; null and a second end are fine. */
  end(request: number | null, outcome: RequestOutcome, detail: string): void {
    const state = request === null ? undefined : this.#states.get(request);
    if (state === undefined || state.outcome !== null) return;
    this.#states.set(state.request, { ...state, outcome, detail });
    const { roll } = state;
    this.#observe({ type: "request.ended", request: state.request, outcome, roll, detail });
  }

  /** Ends everything that is still open. */
  endAll(outcome: RequestOutcome, detail: string): void {
    for (const request of [...this.#states.keys()]) this.end(request, outcome, detail);
  }

  #forgetOldest(): void {
    for (const { request, outcome } of this.#states.values()) {
      if (outcome === null) continue;
      this.#states.delete(request);
      return;
    }
  }
}
