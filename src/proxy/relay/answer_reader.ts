import type { Failure } from "../retry.ts";
import type { ByteWriter } from "./byte_writer.ts";
import type { Client } from "./client.ts";
import { findHeadEnd } from "./head/head_end.ts";
import type { ResponseContext, ResponseHead } from "./head/heads.ts";
import { readResponseHead } from "./head/response_head.ts";
import type { Input } from "./input.ts";
import type { Upstream } from "./upstream.ts";

/** A backend that sends more than this before its answer does not mean to answer. */
const MAX_INTERIM_ANSWERS = 100;

/** How long a backend may take to ask for a body that the client holds back, before we do. */
const CONTINUE_FALLBACK_MS = 1000;

const CONTINUE = new TextEncoder().encode("HTTP/1.1 100 Continue\r\n\r\n");

/** Reads what a backend answers up to its final head; what comes before goes to the client. */
export class AnswerReader {
  #client: Client;
  #context: ResponseContext;
  #reply: ByteWriter;
  #interims = 0;
  /** A 1xx for the client is in the reply. */
  #hasInterim = false;
  #failure: Failure | null = null;
  /** Bytes in which the end of the head was looked for already. */
  #searched = 0;
  /** The client knows that it may send its body, or does so anyway. */
  #continued = false;
  /** Nothing can be sent before the client knows. */
  #holding = false;
  /** The final head was found, and is not asked for again. */
  #over = false;

  /** @param reply Takes the head for the client. */
  constructor(client: Client, context: ResponseContext, reply: ByteWriter) {
    this.#client = client;
    this.#context = context;
    this.#reply = reply;
  }

  /**
   * Looks at what has come.
   *
   * @returns The final head, of which nothing was sent, or why there is none; null: call it again
   * after {@linkcode more}.
   */
  take(upstream: Upstream): ResponseHead | Failure | null {
    const { input } = upstream;
    this.#over = false;
    if (this.#failure) return this.#failure;
    const from = input.start + this.#searched;
    const end = findHeadEnd(input.bytes, input.start, from, input.end);
    if (end < 0) return this.#incomplete(input);
    this.#reply.reset();
    const head = readResponseHead(input.bytes, input.start, end, this.#context, this.#reply);
    if (head.kind === "bad") return "bad_head";
    input.consume(end - input.start);
    this.#searched = 0;
    if (head.status < 200 && head.status !== 101) {
      const failure = this.#takeInterim(head.status);
      return failure || this.#hasInterim ? failure : this.take(upstream);
    }
    this.#over = true;
    return head;
  }

  /** Resolves when {@linkcode take} may find more. Never rejects. */
  more({ input }: Upstream): Promise<void> {
    return this.#hasInterim ? this.#passInterim() : input.fill();
  }

  /**
   * A client that expects a 100 holds its body back; a backend that knows nothing of that waits for
   * the body.
   *
   * @param holding Whether nothing can be sent before the client has sent more.
   */
  expectContinue(holding: boolean): void {
    this.#holding = holding;
    if (this.#continued || this.#over) return;
    if (!holding) this.#continued = this.#client.input.available > 0;
    this.#client.expect(holding ? CONTINUE_FALLBACK_MS : 0, () => this.#continue());
  }

  #continue(): void {
    if (this.#continued) return;
    this.#continued = true;
    // That the client is gone is noticed elsewhere.
    if (!this.#over) this.#client.send(CONTINUE).catch(() => {});
  }

  #incomplete(input: Input): Failure | null {
    if (input.available > this.#context.limits.maxHeadBytes) return "bad_head";
    this.#searched = input.available;
    if (input.state === "open") return null;
    return input.available + this.#interims > 0 ? "bad_head" : "closed_before_head";
  }

  /** HTTP/1.0 clients do not know 1xx answers. */
  #takeInterim(status: number): Failure | null {
    if (++this.#interims > MAX_INTERIM_ANSWERS) return "bad_head";
    const isKnown = status === 100 && this.#continued;
    if (status === 100) this.#continued = true;
    this.#hasInterim = !isKnown && this.#context.minor === 1;
    return null;
  }

  async #passInterim(): Promise<void> {
    this.#hasInterim = false;
    try {
      await this.#client.send(this.#reply.view());
      if (this.#holding) this.expectContinue(true);
    } catch {
      this.#failure = "client_gone";
    }
  }
}
