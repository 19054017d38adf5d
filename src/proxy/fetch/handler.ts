import type { Dispatch, Dispatched } from "../dispatcher.ts";
import type { EngineOptions } from "../engine.ts";
import { asResponse, errorResponse } from "../error_response.ts";
import { healthyAnswer, isHealthRequest } from "../gate.ts";
import type { Origin } from "../forwarded.ts";
import { refusalDetail } from "../refusal_detail.ts";
import { AccessRecord } from "./access_record.ts";
import { plainIp } from "../net/address.ts";
import type { ClientRegistry } from "./clients.ts";
import { Exchange } from "./exchange.ts";
import { announcesBody, readRequestBody, type RequestBody } from "./request_body.ts";
import { backendHeaders } from "./request_head.ts";
import { type Outgoing, send, type SendOptions } from "./send.ts";
import { readTarget } from "./target.ts";
import { bridge } from "./tunnel.ts";
import type { Uploads } from "./uploads.ts";
import { isWebSocketRequest, openWebSocket } from "./websocket.ts";

/** What a {@linkcode Handler} needs. */
export interface HandlerOptions extends EngineOptions {
  clients: ClientRegistry;
  uploads: Uploads;
}

/** Answers the requests of clients. */
export class Handler {
  #options: HandlerOptions;
  #sending: SendOptions;
  #stopping = false;

  constructor(options: HandlerOptions) {
    this.#options = options;
    this.#sending = { ...options, close: () => this.#stopping };
  }

  /** From now on clients are asked to close, and no new uploads are taken. */
  stop(): void {
    this.#stopping = true;
  }

  /** Never rejects: nothing that goes wrong here may reach the event loop. */
  async handle(request: Request, info: Deno.ServeHandlerInfo<Deno.NetAddr>): Promise<Response> {
    const { counters, onError } = this.#options;
    counters.total++;
    counters.inFlight++;
    const record = this.#record(request, info);
    const began = performance.now();
    const endUpload = announcesBody(request.headers) ? this.#options.uploads.begin() : () => {};
    const exchange = new Exchange({
      onFinish: () => {
        counters.inFlight--;
        if (exchange.status !== 101) counters.durations.observe(performance.now() - began);
        endUpload();
        if (record) this.#options.accessLog?.record(record.entry(exchange));
      },
      onClientGone: () => counters.clientGone++,
    });
    // Resolves when the response is sent and also when it cannot be sent any more.
    const end = () => exchange.finish();
    const breakOff = () => exchange.finish("client_gone");
    try {
      const response = isWebSocketRequest(request)
        ? await this.#tunnel(request, info, exchange)
        : await this.#exchange(request, info, exchange, endUpload);
      this.#note(response, exchange);
      if (response.status !== 101) info.completed.then(end, breakOff);
      if (response.status !== 499) counters.countAnswer(response.status);
      return response;
    } catch (error) {
      info.completed.then(end, breakOff);
      onError(error);
      counters.failed++;
      const response = this.#refuse(request, 500, "The proxy failed.");
      this.#note(response, exchange);
      return response;
    }
  }

  #record(request: Request, info: Deno.ServeHandlerInfo<Deno.NetAddr>): AccessRecord | null {
    const { accessLog, isTrusted } = this.#options;
    return accessLog && new AccessRecord(request, plainIp(info.remoteAddr.hostname), isTrusted);
  }

  #note(response: Response, exchange: Exchange): void {
    exchange.status = response.status;
    if (exchange.claim !== null || !this.#options.accessLog) return;
    if (response.body) exchange.responseBytes = Number(response.headers.get("content-length"));
  }

  async #exchange(
    request: Request,
    info: Deno.ServeHandlerInfo<Deno.NetAddr>,
    exchange: Exchange,
    endUpload: () => void,
  ): Promise<Response> {
    if (request.method === "CONNECT") {
      return this.#refuse(request, 405, "This is not a forward proxy.");
    }
    if (this.#stopping && announcesBody(request.headers)) {
      return this.#refuse(request, 503, "The service is stopping.");
    }
    if (hasLostCoding(request.headers)) {
      return this.#refuse(request, 501, "This transfer coding cannot be passed on.");
    }
    const target = readTarget(request.method, request.url, request.headers.get("host"));
    if (target.kind === "refused") return this.#refuse(request, target.status, target.detail);
    const { dispatcher, healthPath } = this.#options;
    if (dispatcher.isGated && isHealthRequest(request.method, target.pathAndQuery, healthPath)) {
      return asResponse(healthyAnswer(), request.method);
    }
    this.#watchClient(request, exchange);
    const onBroken = () => exchange.giveUp("client_gone");
    const body = await readRequestBody(request, { onEnd: endUpload, onBroken });
    if (body.kind === "refused") return this.#refuse(request, body.status, body.detail);
    if (body.kind === "body") exchange.upload = body.body;
    const origin = this.#origin(info, target.authority);
    const headers = backendHeaders(request.headers, origin);
    return await this.#dispatch({ request, exchange, body, headers, ...target });
  }

  async #dispatch(outgoing: Outgoing): Promise<Response> {
    const { request, exchange, body } = outgoing;
    const dispatched = await this.#options.dispatcher.dispatch({
      ...this.#facts(request, exchange, body),
      attempt: (claim, fresh) => {
        exchange.tries++;
        exchange.asked = claim.backend;
        exchange.responseBytes = 0;
        return send(outgoing, { claim, fresh }, this.#sending);
      },
    });
    if (dispatched.kind === "failed") {
      if (body.kind === "body") body.body.drain();
      return this.#failed(request, exchange, dispatched);
    }
    exchange.keep(dispatched.claim);
    return dispatched.answer;
  }

  async #tunnel(
    request: Request,
    info: Deno.ServeHandlerInfo<Deno.NetAddr>,
    exchange: Exchange,
  ): Promise<Response> {
    const target = readTarget(request.method, request.url, request.headers.get("host"));
    if (target.kind === "refused") return this.#refuse(request, target.status, target.detail);
    if (this.#stopping) return this.#refuse(request, 503, "The service is stopping.");
    this.#watchClient(request, exchange);
    const origin = this.#origin(info, target.authority);
    const opening = { request, exchange, pathAndQuery: target.pathAndQuery, origin };
    const dispatched = await this.#options.dispatcher.dispatch({
      ...this.#facts(request, exchange, { kind: "none" }),
      attempt: (claim) => {
        exchange.tries++;
        exchange.asked = claim.backend;
        return openWebSocket(opening, claim, this.#options);
      },
    });
    if (dispatched.kind === "failed") return this.#failed(request, exchange, dispatched);
    exchange.status = 101;
    exchange.keep(dispatched.claim);
    const onCut = () => this.#options.counters.cut++;
    return bridge(request, dispatched.answer, { exchange, claim: dispatched.claim, onCut });
  }

  #facts(
    { method, headers }: Request,
    exchange: Exchange,
    body: RequestBody,
  ): Omit<Dispatch<never>, "attempt"> {
    return {
      method,
      idempotencyKey: headers.has("idempotency-key") || headers.has("x-idempotency-key"),
      signal: exchange.signal,
      bodyReplayable: () => body.kind !== "body" || body.body.replayable,
      onHeld: () => {
        if (body.kind === "body") body.body.readAhead();
      },
      onRetry: (reason) => exchange.note(reason),
      onCut: (cause) => {
        this.#options.counters.cut++;
        exchange.onCut(cause);
      },
    };
  }

  #origin({ remoteAddr }: Deno.ServeHandlerInfo<Deno.NetAddr>, host: string): Origin {
    const peer = plainIp(remoteAddr.hostname);
    const proto = this.#options.certificate ? "https" : "http";
    return { peer, trusted: this.#options.isTrusted(peer), proto, host };
  }

  #watchClient(request: Request, exchange: Exchange): void {
    const onGone = () => exchange.giveUp("client_gone");
    request.signal.addEventListener("abort", onGone, { once: true });
  }

  #failed(
    request: Request,
    exchange: Exchange,
    { status, reason, detail }: Extract<Dispatched<unknown>, { kind: "failed" }>,
  ): Response {
    exchange.note(reason);
    // Nobody will read it; 499 is what logs and counters show.
    if (status === 499) return new Response(null, { status: 499 });
    this.#options.counters.failed++;
    return this.#refuse(request, status, detail ?? refusalDetail(reason));
  }

  #refuse(request: Request, status: number, detail: string): Response {
    return errorResponse(request, status, { detail, close: this.#stopping });
  }
}

/** Deno reads chunks and forgets the codings inside them. */
function hasLostCoding(headers: Headers): boolean {
  const codings = headers.get("transfer-encoding");
  return codings !== null && codings.trim().toLowerCase() !== "chunked";
}
