import type { Claim } from "../backend.ts";
import type { Exchange } from "./exchange.ts";
import type { Message, OpenedSocket } from "./websocket.ts";

/**
 * Bytes that may wait for a slow reader; one more message gives the tunnel up. A message of any size
 * may be sent to a reader that keeps up.
 */
const BUFFER_LIMIT = 16 * 1024 * 1024;

/** Seconds after which a client that does not answer pings is taken for dead. */
const IDLE_TIMEOUT_S = 30;

const CLOSE = {
  noStatus: 1005,
  serviceRestart: 1012,
  tryAgainLater: 1013,
  internalError: 1011,
} as const;

/** What a tunnel belongs to. */
export interface TunnelOptions {
  exchange: Exchange;
  claim: Claim;
  /** Told when a drain or a shutdown ends the tunnel. */
  onCut(): void;
}

/**
 * Joins the client's WebSocket to the backend's, which is open already.
 *
 * @returns The response that upgrades the client's connection.
 */
export function bridge(
  request: Request,
  opened: OpenedSocket,
  { exchange, claim, onCut }: TunnelOptions,
): Response {
  const backend = opened.socket;
  let client: WebSocket;
  let response: Response;
  try {
    ({ socket: client, response } = Deno.upgradeWebSocket(request, {
      idleTimeout: IDLE_TIMEOUT_S,
      ...(backend.protocol && { protocol: backend.protocol }),
    }));
  } catch (error) {
    closeBackend(backend, CLOSE.noStatus, "");
    throw error;
  }
  client.binaryType = "arraybuffer";
  join(client, opened, exchange);
  claim.becomeTunnel(() => {
    onCut();
    closeClient(client, CLOSE.serviceRestart, "Service restart");
    closeBackend(backend, CLOSE.noStatus, "");
    exchange.finish();
  });
  return response;
}

function join(client: WebSocket, opened: OpenedSocket, exchange: Exchange): void {
  const backend = opened.socket;
  const overflow = () => {
    closeClient(client, CLOSE.tryAgainLater, "Reading too slowly");
    closeBackend(backend, CLOSE.noStatus, "");
    exchange.finish();
  };
  const toClient = queue(client, overflow);
  const toBackend = queue(backend, overflow);
  for (const message of opened.early.splice(0)) toClient(message);
  backend.onmessage = ({ data }) => toClient(data);
  client.onmessage = ({ data }) => toBackend(data);
  // The `close` event that follows tells everything.
  backend.onerror = client.onerror = (event) => event.preventDefault();
  backend.onclose = ({ code, reason }) => {
    closeClient(client, code, reason);
    exchange.finish();
  };
  const ended = opened.closed();
  if (ended) backend.onclose(ended);
  client.onclose = ({ code, reason }) => {
    closeBackend(backend, code, reason);
    exchange.finish();
  };
  const onGone = () => {
    closeBackend(backend, CLOSE.noStatus, "");
    exchange.finish();
  };
  if (exchange.signal.aborted) onGone();
  else exchange.signal.addEventListener("abort", onGone, { once: true });
}

/** Sends at once, or as soon as the socket is open; `overflow` when the other side is too slow. */
function queue(socket: WebSocket, overflow: () => void): (message: Message) => void {
  const early: Message[] = [];
  socket.addEventListener("open", () => {
    for (const message of early.splice(0)) socket.send(message);
  }, { once: true });
  return (message) => {
    if (socket.bufferedAmount > BUFFER_LIMIT) overflow();
    else if (socket.readyState === WebSocket.CONNECTING) early.push(message);
    else if (socket.readyState === WebSocket.OPEN) socket.send(message);
  };
}

/** A server may send any code; a backend that vanished is told as 1011. */
function closeClient(client: WebSocket, code: number, reason: string): void {
  if (client.readyState >= WebSocket.CLOSING) return;
  if (client.readyState === WebSocket.CONNECTING) {
    client.addEventListener("open", () => closeClient(client, code, reason), { once: true });
    return;
  }
  if (code === CLOSE.noStatus) client.close();
  else if (code === 0 || code === 1006 || code === 1015) {
    client.close(CLOSE.internalError, "Application gone");
  } else client.close(code, reason);
}

/** A client may send only 1000 and 3000 to 4999; everything else becomes "no status". */
function closeBackend(backend: WebSocket, code: number, reason: string): void {
  if (backend.readyState >= WebSocket.CLOSING) return;
  if (code === 1000 || code >= 3000) backend.close(code, reason);
  else backend.close();
}
