import type { Backend, Claim, CutCause } from "../backend.ts";
import type { Attempt, Dispatch, Dispatched } from "../dispatcher.ts";
import { errorAnswer, type OwnAnswer } from "../error_response.ts";
import type { Limits } from "../limits.ts";
import { refusalDetail } from "../refusal_detail.ts";
import { type Failure, isIdempotent } from "../retry.ts";
import { AnswerReader } from "./answer_reader.ts";
import type { ByteWriter } from "./byte_writer.ts";
import type { Client } from "./client.ts";
import { type Answer, Download } from "./download.ts";
import type { RequestHead, ResponseContext } from "./head/heads.ts";
import { readField } from "./head/lookup.ts";
import { Outgoing } from "./outgoing.ts";
import { writeOwnAnswer } from "./own_answer.ts";
import type { Refusal } from "./refusal.ts";
import type { Relay } from "./relay.ts";
import { Tunnel } from "./tunnel.ts";
import { createUpload, type UploadEvents } from "./upload.ts";
import type { Upstream, UpstreamUser } from "./upstream.ts";

/**
 * What happens to the client's connection when a request is over: it takes another one; it has said
 * and got everything; it may still be sending, and has to read our answer first; it is cut.
 */
export type ExchangeEnd = "keep" | "finish" | "linger" | "cut";

/** How far a request is. */
type Phase = "waiting" | "answering" | "tunnel" | "over";

/** One request, from its head to the last byte of its answer. */
export class Exchange implements Dispatch<Answer>, ResponseContext, UploadEvents, UpstreamUser {
  /** Attempts so far. */
  tries = 0;
  /** Why attempts were repeated, or failed. */
  readonly reasons: string[] = [];
  /** Status of the answer that the client got; 499: it left before it had all of it. */
  status = 0;
  /** Bytes of the answer's content. */
  responseBytes = 0;
  /** The backend that answered. */
  claim: Claim | null = null;
  /** Which backend was tried last; null: none was. */
  asked: Backend | null = null;
  #relay: Relay;
  #client: Client;
  #head: RequestHead;
  #outgoing: Outgoing;
  #reply: ByteWriter;
  #reader: AnswerReader;
  #upstream: Upstream | null = null;
  #tunnel: Tunnel | null = null;
  #phase: Phase = "waiting";
  /** Why we gave up. */
  #given: Failure | null = null;
  /** What is wrong with the request's body. */
  #refusal: Refusal | null = null;
  #controller: AbortController | null = null;
  readonly #began = performance.now();

  /** @param record Holds the head for the backend; the exchange keeps it until it is over. */
  constructor(relay: Relay, client: Client, head: RequestHead, record: ByteWriter) {
    this.#relay = relay;
    this.#client = client;
    this.#head = head;
    this.#reply = relay.buffers.takeWriter();
    this.#reader = new AnswerReader(client, this, this.#reply);
    const upload = head.framing.kind === "none"
      ? null
      : createUpload(relay, client, head, record, this);
    this.#outgoing = new Outgoing(record, upload);
  }

  get method(): string {
    return this.#head.method;
  }

  get minor(): 0 | 1 {
    return this.#head.minor;
  }

  get upgrade(): string | null {
    return this.#head.upgrade;
  }

  get idempotencyKey(): boolean {
    return this.#head.idempotencyKey;
  }

  get limits(): Limits {
    return this.#relay.options.limits;
  }

  /** An answer before the end of its request costs the connection: nobody can tell what follows. */
  get keepAlive(): boolean {
    return this.#head.keepAlive && !this.#relay.stopping && this.#outgoing.complete;
  }

  /** Made only when something has to wait. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#given) this.#controller.abort();
    return this.#controller.signal;
  }

  /** Bytes of the request's content. */
  get requestBytes(): number {
    return this.#outgoing.bytes;
  }

  /** Never rejects. */
  async run(): Promise<ExchangeEnd> {
    try {
      this.#outgoing.takeBuffered();
      if (this.#outgoing.taken) this.#client.readAhead();
      if (this.#refusal) return await this.#refuse(this.#refusal);
      const dispatched = await this.#relay.options.dispatcher.dispatch(this);
      if (dispatched.kind === "failed") return await this.#fail(dispatched);
      this.claim = dispatched.claim;
      return await this.#answer(dispatched.answer);
    } catch (error) {
      // Only writing to the client rejects, and bugs of ours.
      if (!this.#given && !this.#client.closed && this.#client.input.state === "open") {
        this.#relay.options.onError(error);
      }
      this.giveUp("client_gone");
      return "cut";
    } finally {
      this.#over();
    }
  }

  /** In place of {@linkcode run}: a request that goes no further. Never rejects. */
  async answerOurselves(answer: OwnAnswer): Promise<ExchangeEnd> {
    try {
      return await this.#send(answer);
    } catch {
      return "cut";
    } finally {
      this.#over();
    }
  }

  attempt(claim: Claim, fresh: boolean): Promise<Attempt<Answer>> {
    this.tries++;
    this.asked = claim.backend;
    const isRepeatable = this.#outgoing.taken &&
      (isIdempotent(this.method) || this.idempotencyKey);
    const idle = fresh ? null : this.#relay.upstreams.take(claim.backend, isRepeatable);
    return idle ? this.#ask(idle) : this.#connectAndAsk(claim);
  }

  bodyReplayable(): boolean {
    return this.#outgoing.replayable;
  }

  onRetry(reason: Failure): void {
    this.reasons.push(reason);
  }

  /** While the request waits, one read tells whether the client is still there. */
  onHeld(): void {
    this.#client.readAhead();
  }

  onCut(_cause: CutCause): void {
    this.#relay.options.counters.cut++;
    this.giveUp("cut");
  }

  onClientGone(): void {
    if (this.#phase !== "tunnel") this.giveUp("client_gone");
  }

  /** The relay stops: tunnels end, everything else may finish. */
  onStop(): void {
    this.#tunnel?.cut("shutdown");
  }

  onRefused(refusal: Refusal): void {
    this.#refusal = refusal;
    this.giveUp("client_gone");
  }

  onUploaded(): void {
    this.#client.readAhead();
  }

  /** The time for an answer runs while the backend has to do something, not the client. */
  onUploadWaits(waiting: boolean): void {
    if (this.#head.expectsContinue) this.#reader.expectContinue(waiting);
    if (this.#upstream && this.#phase === "waiting") {
      this.#upstream.deadlineAt = waiting ? Infinity : this.#headDeadline();
    }
  }

  onUpstreamLate(): void {
    this.giveUp(this.#phase === "waiting" ? "head_timeout" : "forwarding");
  }

  /** Ends what is under way; the first reason counts. */
  giveUp(failure: Failure): void {
    if (this.#given || this.#phase === "over") return;
    this.#given = failure;
    if (failure === "client_gone" && !this.#refusal) {
      this.#relay.options.counters.clientGone++;
      this.status = 499;
    }
    this.#outgoing.pause();
    this.#upstream?.closeFor(this);
    this.#controller?.abort();
    if (this.#phase === "waiting") return;
    // R9: what is cut in the middle must look cut.
    if (this.#phase === "answering") this.reasons.push(failure);
    this.#client.close();
  }

  #headDeadline(): number {
    return this.#relay.deadlines.in(this.#relay.options.responseHeadTimeoutMs);
  }

  async #connectAndAsk({ backend }: Claim): Promise<Attempt<Answer>> {
    const upstream = await this.#relay.upstreams.connect(backend, this.signal);
    if (typeof upstream === "string") return failed(this.#given ?? upstream, "fresh");
    return await this.#ask(upstream);
  }

  async #ask(upstream: Upstream): Promise<Attempt<Answer>> {
    this.#upstream = upstream;
    upstream.use(this);
    if (this.#given) {
      upstream.close();
      return failed(this.#given, "fresh");
    }
    upstream.deadlineAt = this.#headDeadline();
    this.#outgoing.sendTo(upstream);
    let head = this.#reader.take(upstream);
    while (head === null) {
      await this.#reader.more(upstream);
      head = this.#reader.take(upstream);
    }
    if (typeof head === "string") return await this.#explain(head, upstream);
    // Protocols are switched behind a request, never in the middle of it (RFC 9110, 7.8).
    if (head.status === 101 && !this.#outgoing.complete) {
      return await this.#explain("bad_head", upstream);
    }
    upstream.deadlineAt = Infinity;
    const answer = { upstream, head };
    if (!this.#relay.options.retryStatus.includes(head.status)) return { kind: "answer", answer };
    return { kind: "status", answer, discard: () => this.#discard(upstream) };
  }

  /** Whether anything was sent decides what may follow. */
  async #explain(failure: Failure, upstream: Upstream): Promise<Attempt<Answer>> {
    if (failure === "client_gone") this.giveUp(failure);
    upstream.close();
    this.#outgoing.pause();
    const age = upstream.reused ? "reused" : "fresh";
    const isDead = failure === "closed_before_head" && age === "reused" &&
      !await this.#outgoing.sent;
    return failed(this.#given ?? (isDead ? "reused_dead" : failure), age);
  }

  /** What comes from the client now must wait for the next backend. */
  #discard(upstream: Upstream): Promise<void> {
    upstream.close();
    this.#outgoing.pause();
    return Promise.resolve();
  }

  async #answer(answer: Answer): Promise<ExchangeEnd> {
    const { upstream, head } = answer;
    if (this.#given) return "cut";
    this.#relay.options.counters.countAnswer(head.status);
    this.status = head.status;
    if (head.status === 101) return await this.#switchProtocols(upstream);
    this.#phase = "answering";
    const download = new Download(this.#relay, this.#client, this.#outgoing, answer, this.#reply);
    download.begin();
    await this.#client.send(this.#reply.view());
    const complete = download.complete || await download.run();
    this.responseBytes = download.bytes;
    if (!complete) return this.#broken(upstream);
    return this.#endOf(head.keepAlive);
  }

  #endOf(keepAlive: boolean): ExchangeEnd {
    if (keepAlive) return "keep";
    const hasMore = !this.#outgoing.complete || this.#client.input.available > 0;
    return hasMore ? "linger" : "finish";
  }

  #broken(upstream: Upstream): ExchangeEnd {
    upstream.close();
    if (!this.#given) this.reasons.push("forwarding");
    return "cut";
  }

  async #switchProtocols(upstream: Upstream): Promise<ExchangeEnd> {
    this.#phase = "tunnel";
    const tunnel = this.#tunnel = new Tunnel(this.#relay, this.#client, upstream, this.upgrade);
    this.claim?.becomeTunnel((cause) => {
      this.#relay.options.counters.cut++;
      tunnel.cut(cause);
    });
    const { received } = await tunnel.run(this.#reply.view());
    this.responseBytes = received;
    return "cut";
  }

  async #fail(
    { status, reason, detail }: Extract<Dispatched<never>, { kind: "failed" }>,
  ): Promise<ExchangeEnd> {
    if (this.#refusal) return await this.#refuse(this.#refusal);
    this.reasons.push(reason);
    if (status === 499) return "cut";
    this.#relay.options.counters.failed++;
    return await this.#sendError(status, detail ?? refusalDetail(reason));
  }

  async #refuse({ status, detail }: Refusal): Promise<ExchangeEnd> {
    this.reasons.push(detail);
    return await this.#sendError(status, detail);
  }

  async #sendError(status: number, detail: string): Promise<ExchangeEnd> {
    const close = !this.#staysForOurs;
    const { record } = this.#outgoing;
    const accept = readField(record.bytes, 0, record.length, "accept");
    const headers = { get: () => accept };
    return await this.#send(errorAnswer({ headers }, status, { detail, close }));
  }

  async #send(answer: OwnAnswer): Promise<ExchangeEnd> {
    this.#outgoing.pause();
    this.#relay.options.counters.countAnswer(answer.status);
    this.status = answer.status;
    this.#reply.reset();
    this.responseBytes = writeOwnAnswer(answer, this.method, this.#reply);
    const stays = this.#staysForOurs;
    await this.#client.send(this.#reply.view());
    return this.#endOf(stays);
  }

  /** Our own answers say nothing to an HTTP/1.0 client that would make it stay. */
  get #staysForOurs(): boolean {
    return this.keepAlive && this.minor === 1;
  }

  #over(): void {
    const { durations } = this.#relay.options.counters;
    if (this.#phase !== "tunnel") durations.observe(performance.now() - this.#began);
    this.#phase = "over";
    this.claim?.release();
    this.#relay.buffers.giveWriter(this.#reply);
    this.#outgoing.end(this.#relay.buffers);
  }
}

function failed(
  failure: Failure,
  connection: "fresh" | "reused",
): Extract<Attempt<never>, { kind: "failed" }> {
  return { kind: "failed", failure, connection };
}
