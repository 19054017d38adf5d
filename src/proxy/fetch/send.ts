import type { Claim } from "../backend.ts";
import type { Attempt } from "../dispatcher.ts";
import { type ConnectionAge, isIdempotent } from "../retry.ts";
import type { ClientRegistry } from "./clients.ts";
import type { Exchange } from "./exchange.ts";
import { fetchBody, type RequestBody } from "./request_body.ts";
import { clientResponse } from "./response.ts";

/** A request that has been read and found fit to be passed on. */
export interface Outgoing {
  readonly request: Request;
  readonly exchange: Exchange;
  readonly pathAndQuery: string;
  readonly headers: [string, string][];
  readonly body: RequestBody;
}

/** What sending needs besides the request. */
export interface SendOptions {
  clients: ClientRegistry;
  /** 0: no limit. */
  responseHeadTimeoutMs: number;
  retryStatus: readonly number[];
  /** Whether the client is to close its connection after this answer. */
  close(): boolean;
}

/** Where to send. */
export interface Route {
  claim: Claim;
  /** Use a connection that has carried no request yet. */
  fresh: boolean;
}

/** Sends a request to a backend once. Never rejects. */
export async function send(
  outgoing: Outgoing,
  { claim, fresh }: Route,
  options: SendOptions,
): Promise<Attempt<Response>> {
  const { request, exchange } = outgoing;
  // `fetch` re-sends on a reused connection even what the backend has received in full.
  const reuse = !fresh && isIdempotent(request.method);
  const connection: ConnectionAge = reuse ? "unknown" : "fresh";
  let upstream: Response;
  try {
    const { origin, pooled, fresh } = options.clients.get(claim.backend);
    const destination = { url: origin + outgoing.pathAndQuery, client: reuse ? pooled : fresh };
    upstream = await fetchHead(outgoing, destination, options.responseHeadTimeoutMs);
  } catch (error) {
    return { kind: "failed", failure: exchange.failureOf(error), connection };
  }
  if (options.retryStatus.includes(upstream.status) && isIdempotent(request.method)) {
    return await answerOrRepeat(upstream, outgoing, options);
  }
  return await answer(upstream, outgoing, options);
}

async function fetchHead(
  { request, exchange, headers, body }: Outgoing,
  { url, client }: { url: string; client: Deno.HttpClient },
  timeoutMs: number,
): Promise<Response> {
  const timer = headTimer(exchange, timeoutMs);
  try {
    return await fetch(url, {
      method: request.method,
      headers,
      body: fetchBody(request, body, timer.pause),
      redirect: "manual",
      signal: exchange.signal,
      client,
    });
  } finally {
    timer.stop();
  }
}

interface HeadTimer {
  /** Ends the run, or begins a new one. */
  pause(paused: boolean): void;
  stop(): void;
}

/** Runs while the backend neither answers nor takes anything: not while the client is slow. */
function headTimer(exchange: Exchange, ms: number): HeadTimer {
  let id: ReturnType<typeof setTimeout> | undefined;
  let stopped = ms === 0;
  const pause = (paused: boolean) => {
    clearTimeout(id);
    if (!paused && !stopped) id = setTimeout(() => exchange.giveUp("head_timeout"), ms);
  };
  const stop = () => {
    stopped = true;
    clearTimeout(id);
  };
  pause(false);
  return { pause, stop };
}

async function answer(
  upstream: Response,
  { request, exchange, body }: Outgoing,
  { close }: SendOptions,
): Promise<Attempt<Response>> {
  try {
    // Deno's server does not cut a connection whose upload somebody may still read.
    const onBroken = async () => {
      exchange.finish("forwarding");
      if (body.kind === "body") await body.body.discard();
    };
    const onBytes = (count: number) => void (exchange.responseBytes += count);
    const { signal } = exchange;
    const options = { method: request.method, close: close(), signal, onBroken, onBytes };
    return { kind: "answer", answer: await clientResponse(upstream, options) };
  } catch (error) {
    // Locked when its body is what failed; what is left of that is short.
    if (!upstream.body?.locked) await upstream.body?.cancel().catch(() => {});
    const failure = exchange.failureOf(error);
    // The head was there, so a connection that ends now is never a reason to repeat.
    const late = failure === "client_gone" || failure === "cut" ? failure : "bad_head";
    return { kind: "failed", failure: late, connection: "fresh" };
  }
}

async function answerOrRepeat(
  upstream: Response,
  outgoing: Outgoing,
  options: SendOptions,
): Promise<Attempt<Response>> {
  const attempt = await answer(upstream, outgoing, options);
  if (attempt.kind !== "answer") return attempt;
  return {
    kind: "status",
    answer: attempt.answer,
    discard: async () => await attempt.answer.body?.cancel().catch(() => {}),
  };
}
