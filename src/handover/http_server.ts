import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Listener } from "./listener.ts";

/** How often idle connections are looked for during a drain. */
const SWEEP_MS = 100;

/** How long {@linkcode HttpServer.drain} waits. */
export interface DrainOptions {
  /**
   * For a next request on connections that are idle, in milliseconds; counts anew when an answer
   * ends that could not say yet that it is the last one. @default {2_000}
   */
  idleMs?: number;
  /** For everything, in milliseconds. @default {30_000} */
  limitMs?: number;
}

/** Answers a request. */
export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** Serves HTTP on `listener`, so that it can end without breaking a request. */
export function serveHttp(listener: Listener, handler: HttpHandler): HttpServer {
  return new HttpServer(listener, handler);
}

/**
 * A server of `node:http` that never listens itself. One that does forgets its idle connections as
 * soon as it stops listening, and with them the requests that are on their way.
 */
export class HttpServer {
  readonly #server: Server;
  readonly #connections = new Set<Socket>();
  #draining = false;
  /** When the last answer ended that a next request may follow. */
  #keptAt = 0;
  #onEmpty: () => void = () => {};

  /** @ignore Call {@linkcode serveHttp}. */
  constructor(listener: Listener, handler: HttpHandler) {
    this.#server = createServer((request, response) => {
      if (this.#draining) response.setHeader("connection", "close");
      else response.once("close", () => this.#keptAt = performance.now());
      handler(request, response);
    });
    // Deno ends a keep-alive connection after its answer if the server does not listen.
    Object.defineProperty(this.#server, "listening", { value: true });
    listener.serve((socket) => this.#take(socket));
  }

  /** Connections that are open. */
  get connections(): number {
    return this.#connections.size;
  }

  /**
   * Lets every request end that has begun or comes on an open connection, telling clients not to
   * send another one there. Idle connections end after `idleMs`, all after `limitMs`.
   *
   * @returns How many connections were cut in the middle of a request.
   */
  async drain({ idleMs = 2_000, limitMs = 30_000 }: DrainOptions = {}): Promise<number> {
    this.#draining = true;
    this.#keptAt = performance.now();
    const sweep = setInterval(() => {
      if (performance.now() - this.#keptAt >= idleMs) this.#server.closeIdleConnections();
    }, SWEEP_MS);
    let limit: ReturnType<typeof setTimeout> | undefined;
    await new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
      limit = setTimeout(resolve, limitMs);
      if (this.#connections.size === 0) resolve();
    });
    clearInterval(sweep);
    clearTimeout(limit);
    const cut = this.#connections.size;
    for (const socket of this.#connections) socket.destroy();
    return cut;
  }

  #take(socket: Socket): void {
    this.#connections.add(socket);
    socket.once("close", () => {
      this.#connections.delete(socket);
      if (this.#connections.size === 0) this.#onEmpty();
    });
    this.#server.emit("connection", socket);
  }
}
