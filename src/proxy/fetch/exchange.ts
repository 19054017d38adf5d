import type { Claim, CutCause } from "../backend.ts";
import type { Failure } from "../retry.ts";
import { classifyFetchError } from "./errors.ts";
import { BadAnswerError } from "./response.ts";

/** Why we gave up an exchange ourselves. */
export class GivenUp extends Error {
  override readonly name = "GivenUp";

  constructor(readonly failure: Failure) {
    super(`Cannot go on with the request: ${failure}`);
  }
}

/** What an {@linkcode Exchange} tells. */
export interface ExchangeEvents {
  /** Called exactly once. */
  onFinish(): void;
  /** The client went away before it had the whole answer. */
  onClientGone(): void;
}

/** One client request: what must be undone when it ends, however it ends. */
export class Exchange {
  #controller = new AbortController();
  #claim: Claim | null = null;
  #finished = false;
  #events: ExchangeEvents;

  constructor(events: ExchangeEvents) {
    this.#events = events;
  }

  /** Aborts when nobody needs the answer any more, or may have it. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get finished(): boolean {
    return this.#finished;
  }

  /** Ends what is under way; the first reason counts. */
  giveUp(failure: Failure): void {
    if (this.#finished || this.signal.aborted) return;
    if (failure === "client_gone") this.#events.onClientGone();
    this.#controller.abort(new GivenUp(failure));
  }

  /** For {@linkcode Claim}: the backend is drained or the proxy stops. */
  readonly onCut = (_cause: CutCause): void => this.giveUp("cut");

  /** From now on the end of this exchange gives the claim back. */
  keep(claim: Claim): void {
    this.#claim = claim;
    if (this.#finished) claim.release();
  }

  /** The response is sent, cut or wanted by nobody. Safe to call again. */
  finish(): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#claim?.release();
    this.#events.onFinish();
  }

  /** What an error of this exchange means. */
  failureOf(error: unknown): Failure {
    const { reason } = this.#controller.signal;
    if (reason instanceof GivenUp) return reason.failure;
    return error instanceof BadAnswerError ? "bad_head" : classifyFetchError(error);
  }
}
