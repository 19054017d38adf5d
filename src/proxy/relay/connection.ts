import { errorAnswer } from "../error_response.ts";
import { healthyAnswer, isHealthRequest } from "../gate.ts";
import type { Accepted } from "../net/stream.ts";
import type { ByteWriter } from "./byte_writer.ts";
import { Client } from "./client.ts";
import { EntryDraft } from "./entry_draft.ts";
import { Exchange, type ExchangeEnd } from "./exchange.ts";
import { findHeadEnd, skipEmptyLines } from "./head/head_end.ts";
import type { RequestContext, RequestHead } from "./head/heads.ts";
import { readField } from "./head/lookup.ts";
import { oversizedHead, readRequestHead } from "./head/request_head.ts";
import { finalRecipientAnswer, writeOwnAnswer } from "./own_answer.ts";
import type { Refusal } from "./refusal.ts";
import type { Relay } from "./relay.ts";

const CARRIAGE_RETURN = 13;

const TOO_SLOW: Refusal = {
  kind: "refused",
  status: 408,
  detail: "The request did not come in time.",
};

/** A client's connection and the requests that come on it, one after the other. */
export class Connection {
  #relay: Relay;
  #client: Client;
  #context: RequestContext;
  #exchange: Exchange | null = null;
  /** Nothing of a request has come, or the answer to the last one was given. */
  #idle = true;
  /** While the relay stops: it rests for a time of its own, after which it ends by itself. */
  #hasOwnRest = false;
  /** A head that did not come in time is being refused. */
  #refusing: Promise<void> | null = null;

  /** @param rest What was read from the stream already. */
  constructor(relay: Relay, accepted: Accepted, rest: Uint8Array) {
    this.#relay = relay;
    const { options, deadlines, buffers } = relay;
    this.#client = new Client(accepted, {
      deadlines,
      buffers,
      sendTimeoutMs: options.limits.clientSendTimeoutMs,
      saysEnd: options.certificate !== null,
      onGone: () => this.#exchange?.onClientGone(),
    });
    this.#client.input.seed(rest);
    this.#context = {
      ip: accepted.ip,
      trusted: options.isTrusted(accepted.ip),
      proto: options.certificate ? "https" : "http",
      limits: options.limits,
      forwarded: options.forwarded,
      via: options.via,
    };
  }

  /** Serves until the connection has ended. Never rejects. */
  async run(): Promise<void> {
    let end: ExchangeEnd = "keep";
    try {
      while (end === "keep") end = await this.#next();
      if (end === "linger") await this.#client.linger();
      if (end === "finish") await this.#client.finish();
    } catch (error) {
      if (!this.#client.closed) this.#relay.options.onError(error);
    } finally {
      this.#client.close();
    }
  }

  /** The relay stops: the connection ends as soon as no request is on it, or may be on its way. */
  stop(): void {
    if (this.#idle && this.#hasOwnRest) return;
    if (this.#idle) this.#client.close();
    else this.#exchange?.onStop();
  }

  /** Ends it at once. */
  close(): void {
    this.#exchange?.onClientGone();
    this.#client.close();
  }

  async #next(): Promise<ExchangeEnd> {
    const { input } = this.#client;
    input.shrink();
    let end = this.#findHead(0);
    while (end < 0) {
      if (!this.#mayCome()) return await this.#giveUp();
      const searched = input.available;
      await input.fill();
      end = this.#refusing ? -1 : this.#findHead(searched);
    }
    this.#client.deadlineAt = Infinity;
    this.#idle = false;
    const request = this.#relay.buffers.takeWriter();
    const head = readRequestHead(input.bytes, input.start, end, this.#context, request);
    if (head.kind === "refused") return await this.#refuse(head, end);
    const over = await this.#serve(head, request, end);
    this.#exchange = null;
    this.#idle = over === "keep";
    this.#relay.options.counters.inFlight--;
    if (over !== "keep" || !this.#relay.stopping) return over;
    // The answer did not say that it was the last one.
    this.#hasOwnRest = this.#relay.lastRequestMs > 0;
    if (this.#hasOwnRest) return over;
    return input.available > 0 ? "linger" : "finish";
  }

  #serve(head: RequestHead, request: ByteWriter, end: number): Promise<ExchangeEnd> {
    const { input } = this.#client;
    const { counters, accessLog, dispatcher, healthPath, isTrusted } = this.#relay.options;
    counters.total++;
    counters.inFlight++;
    const bytes = accessLog || head.isForUs ? input.bytes.slice(input.start, end) : null;
    input.consume(end - input.start);
    const exchange = this.#exchange = new Exchange(this.#relay, this.#client, head, request);
    const draft = accessLog && bytes && new EntryDraft(bytes, head, this.#context.ip, isTrusted);
    const own = dispatcher.isGated && isHealthRequest(head.method, targetOf(request), healthPath)
      ? healthyAnswer()
      : head.isForUs && bytes
      ? finalRecipientAnswer(head, bytes)
      : null;
    const over = own === null ? exchange.run() : exchange.answerOurselves(own);
    return draft ? over.finally(() => accessLog?.record(draft.finish(exchange))) : over;
  }

  /** @returns Where the head ends; -1 when that has not come. */
  #findHead(searched: number): number {
    const { input } = this.#client;
    const start = skipEmptyLines(input.bytes, input.start, input.end);
    const from = start === input.start ? start + searched : start;
    input.start = start;
    return findHeadEnd(input.bytes, start, from, input.end);
  }

  /** Whether the rest of a head can still come, and then in time. */
  #mayCome(): boolean {
    const { available, state } = this.#client.input;
    if (this.#refusing || state !== "open") return false;
    if (available > this.#relay.options.limits.maxHeadBytes) return false;
    this.#expectHead();
    return true;
  }

  async #giveUp(): Promise<ExchangeEnd> {
    if (this.#refusing) await this.#refusing;
    const { input } = this.#client;
    const { limits } = this.#relay.options;
    if (input.state !== "open" || input.available <= limits.maxHeadBytes) return "finish";
    return await this.#refuse(oversizedHead(input.bytes, input.start, input.end, limits));
  }

  /** Between requests a connection may rest; what has begun must go on. */
  #expectHead(): void {
    const { options: { limits }, lastRequestMs } = this.#relay;
    if (this.#client.input.available === 0) {
      if (this.#client.deadlineAt === Infinity) {
        const { clientIdleTimeoutMs } = limits;
        const idleMs = this.#hasOwnRest
          ? Math.min(clientIdleTimeoutMs, lastRequestMs)
          : clientIdleTimeoutMs;
        this.#client.expect(idleMs, () => this.#client.close());
      }
    } else if (this.#idle) {
      this.#idle = false;
      this.#client.expect(limits.clientHeadTimeoutMs, this.#onHeadLate);
    }
  }

  #onHeadLate = (): void => {
    this.#refusing = this.#refuse(TOO_SLOW)
      .then(() => this.#client.linger())
      .catch(() => this.#client.close());
  };

  /** Answers a request that is not understood, after which nothing on this connection can be. */
  async #refuse({ status, detail }: Refusal, headEnd?: number): Promise<ExchangeEnd> {
    const { counters, accessLog } = this.#relay.options;
    const { input } = this.#client;
    const end = headEnd ?? input.end;
    const accept = readField(input.bytes, input.start, end, "accept");
    const answer = errorAnswer({ headers: { get: () => accept } }, status, { detail, close: true });
    const out = this.#relay.buffers.takeWriter();
    const sent = writeOwnAnswer(answer, "GET", out);
    counters.total++;
    counters.countAnswer(status);
    accessLog?.record(EntryDraft.refused(this.#context.ip, status, sent, detail));
    await this.#client.send(out.view());
    return "linger";
  }
}

/** What a request asks for, as its backend would see it: without scheme and host. */
function targetOf({ bytes, length }: ByteWriter): string {
  const line = bytes.subarray(0, Math.min(bytes.indexOf(CARRIAGE_RETURN), length));
  return new TextDecoder().decode(line).split(" ")[1] ?? "";
}
