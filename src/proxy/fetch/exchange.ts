import type { Backend, Claim, CutCause } from "../backend.ts";
import type { Refusal } from "../dispatcher.ts";
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
  #reasons: Refusal[] = [];
  /** Of the answer that the client gets; 499: none, because it left. */
  status = 0;
  /** How often a backend was tried. */
  tries = 0;
  /** Which one was tried last; null: none was. */
  asked: Backend | null = null;
  /** Bytes of the answer's body that were sent on. */
  responseBytes = 0;
  /** What the client sends; null: nothing, or it is not wanted. */
  upload: { readonly receivedBytes: number } | null = null;
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

  /** What answered; null: nobody did, or not yet. */
  get claim(): Claim | null {
    return this.#claim;
  }

  get requestBytes(): number {
    return this.upload?.receivedBytes ?? 0;
  }

  /** Why it was tried again, or why it failed, in order. */
  get reasons(): readonly Refusal[] {
    return this.#reasons;
  }

  /** For {@linkcode reasons}. */
  note(reason: Refusal): void {
    this.#reasons.push(reason);
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

  /**
   * The response is sent, cut or wanted by nobody. Safe to call again.
   *
   * @param trouble What kept the rest of it from being sent, unless it was given up.
   */
  finish(trouble?: Failure): void {
    if (this.#finished) return;
    this.#finished = true;
    const reason = this.#givenUp ?? trouble;
    if (reason && this.#reasons.at(-1) !== reason) this.note(reason);
    this.#claim?.release();
    this.#events.onFinish();
  }

  /** What an error of this exchange means. */
  failureOf(error: unknown): Failure {
    if (this.#givenUp) return this.#givenUp;
    return error instanceof BadAnswerError ? "bad_head" : classifyFetchError(error);
  }

  get #givenUp(): Failure | null {
    const { reason } = this.#controller.signal;
    return reason instanceof GivenUp ? reason.failure : null;
  }
}
