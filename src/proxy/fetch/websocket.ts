import type { Claim } from "../backend.ts";
import type { Attempt } from "../dispatcher.ts";
import { connectionNames, type Origin } from "../forwarded.ts";
import type { Failure } from "../retry.ts";
import type { ClientRegistry } from "./clients.ts";
import { classifyText } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import { backendHeaders } from "./request_head.ts";

/** The version that Deno speaks, on both sides. */
const VERSION = "13";
/** 16 bytes in base64. */
const KEY = /^[A-Za-z0-9+/]{22}==$/;

/** A WebSocket that a client asked for. */
export interface Opening {
  readonly request: Request;
  readonly exchange: Exchange;
  readonly pathAndQuery: string;
  readonly origin: Origin;
}

/** A message of a WebSocket. */
export type Message = string | ArrayBuffer;

/** The backend's side of a WebSocket and what it has said before anybody could listen. */
export interface OpenedSocket {
  readonly socket: WebSocket;
  readonly early: Message[];
  /** How it ended already, or null. */
  closed(): CloseEvent | null;
}

/** What opening needs besides the request. */
export interface OpenOptions {
  clients: ClientRegistry;
  /** 0: no limit. */
  responseHeadTimeoutMs: number;
}

/** Whether the client asks for the WebSocket protocol (RFC 6455, 4.2.1). */
export function isWebSocketRequest({ method, headers }: Request): boolean {
  return method === "GET" && headers.get("upgrade")?.toLowerCase() === "websocket" &&
    connectionNames(headers.get("connection")).has("upgrade") &&
    headers.get("sec-websocket-version") === VERSION &&
    KEY.test(headers.get("sec-websocket-key") ?? "");
}

/** Opens the backend's side of a WebSocket once. Never rejects. */
export async function openWebSocket(
  opening: Opening,
  claim: Claim,
  { clients, responseHeadTimeoutMs }: OpenOptions,
): Promise<Attempt<OpenedSocket>> {
  const { exchange } = opening;
  let socket: WebSocket;
  try {
    socket = connect(opening, claim, clients);
  } catch (error) {
    return failed(exchange.failureOf(error));
  }
  const timer = responseHeadTimeoutMs === 0
    ? undefined
    : setTimeout(() => exchange.giveUp("head_timeout"), responseHeadTimeoutMs);
  const early: Message[] = [];
  let closed: CloseEvent | null = null;
  socket.onmessage = ({ data }) => early.push(data);
  socket.addEventListener("close", (event) => closed = event, { once: true });
  const failure = await opened(socket, exchange);
  clearTimeout(timer);
  if (failure) return failed(failure);
  return { kind: "answer", answer: { socket, early, closed: () => closed } };
}

function connect(
  { request, pathAndQuery, origin }: Opening,
  claim: Claim,
  clients: ClientRegistry,
): WebSocket {
  const { origin: backend, fresh } = clients.get(claim.backend);
  const socket = new WebSocket(backend.replace(/^http/, "ws") + pathAndQuery, {
    protocols: offeredProtocols(request.headers.get("sec-websocket-protocol")),
    headers: handshakeHeaders(request.headers, origin),
    client: fresh,
  });
  socket.binaryType = "arraybuffer";
  return socket;
}

/** A list may have empty members (RFC 9110, 5.6.1); `WebSocket` takes neither those nor repeats. */
function offeredProtocols(list: string | null): string[] {
  const protocols = list?.split(",").map((protocol) => protocol.trim()) ?? [];
  return [...new Set(protocols)].filter((protocol) => protocol !== "");
}

/** Deno makes the `Sec-WebSocket-*` headers itself, and a `User-Agent` that it would double. */
function handshakeHeaders(headers: Headers, origin: Origin): [string, string][] {
  return backendHeaders(headers, origin).filter(([name]) =>
    !name.startsWith("sec-websocket-") && name !== "user-agent" && name !== "accept-encoding" &&
    name !== "accept-language"
  ).concat(
    ["accept-language", "accept-encoding"].flatMap((name): [string, string][] => {
      const value = headers.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
}

/** Waits for the handshake. @returns Null when it succeeded. */
function opened(socket: WebSocket, { signal }: Exchange): Promise<Failure | null> {
  const { promise, resolve } = Promise.withResolvers<Failure | null>();
  const abort = () => {
    resolve(signal.reason.failure);
    socket.close();
  };
  socket.onopen = () => resolve(null);
  socket.onerror = (event) => resolve(classifyText((event as ErrorEvent).message));
  socket.onclose = () => resolve("closed_before_head");
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  return promise.finally(() => signal.removeEventListener("abort", abort));
}

function failed(failure: Failure): Attempt<never> {
  return { kind: "failed", failure, connection: "fresh" };
}
