import { connect, createServer, type Server, type Socket } from "node:net";
import { plainIp } from "./address.ts";
import { closedError, denoError } from "./node_errors.ts";
import { NodeStream } from "./node_stream.ts";
import type { Accepted, Acceptor, ByteStream, ListenOptions, Network } from "./stream.ts";
import { TlsAcceptor, TlsServer } from "./tls.ts";

/** Connections that the kernel keeps while the event loop is busy. */
const BACKLOG = 4096;

const SOCKET_OPTIONS = { noDelay: true, keepAlive: true, allowHalfOpen: true } as const;

/** Where a {@linkcode nodeNetwork} listens. */
export interface NodeListenOptions extends ListenOptions {
  /** A listening socket that exists already; it belongs to the acceptor then. */
  fd?: number;
}

/**
 * Sockets of `node:net`, which adopts listeners that others have opened. Otherwise
 * {@linkcode denoNetwork} is better: a listener of Node accepts whether we are ready or not, and
 * Deno's accepts nobody ever again once the process has run out of file descriptors.
 */
export const nodeNetwork: Network & { listen(options: NodeListenOptions): Acceptor } = {
  listen(options: NodeListenOptions): Acceptor {
    const { certificate, protocols, hasPrelude = () => false } = options;
    const tls = certificate && new TlsServer(certificate, protocols);
    const plain = new NodeAcceptor(options);
    return tls ? new TlsAcceptor(plain, tls, hasPrelude) : plain;
  },

  connect(host: string, port: number, signal: AbortSignal): Promise<ByteStream> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const socket = connect({ ...SOCKET_OPTIONS, host, port });
      const onAbort = () => {
        socket.destroy();
        reject(signal.reason);
      };
      signal.addEventListener("abort", onAbort, { once: true });
      const onError = (error: Error) => {
        signal.removeEventListener("abort", onAbort);
        reject(denoError(error));
      };
      socket.once("error", onError);
      socket.once("connect", () => {
        signal.removeEventListener("abort", onAbort);
        socket.off("error", onError);
        resolve(new NodeStream(socket));
      });
    });
  },
};

interface Waiter {
  resolve(accepted: Accepted): void;
  reject(error: Error): void;
}

class NodeAcceptor implements Acceptor {
  readonly hostname: string;
  readonly port: number;
  readonly #server: Server;
  /** Connections that came while nobody was waiting; nothing is read from them. */
  readonly #accepted: Accepted[] = [];
  #waiter: Waiter | null = null;
  #error: Error | null = null;

  constructor(options: NodeListenOptions) {
    this.#server = createServer({ ...SOCKET_OPTIONS, pauseOnConnect: true });
    this.#server.on("connection", (socket) => this.#onConnection(socket));
    this.#server.on("error", (error) => this.#fail(denoError(error)));
    const { hostname, port } = listen(this.#server, options);
    this.hostname = hostname;
    this.port = port;
  }

  accept(): Promise<Accepted> {
    const accepted = this.#accepted.shift();
    if (accepted) return Promise.resolve(accepted);
    if (this.#error) return Promise.reject(this.#error);
    return new Promise((resolve, reject) => this.#waiter = { resolve, reject });
  }

  setCertificate(): void {
    throw new TypeError("Cannot set a certificate: there is no TLS here");
  }

  close(): void {
    this.#server.close();
    this.#fail(closedError("Listener"));
  }

  #onConnection(socket: Socket): void {
    // It was reset already.
    if (socket.remoteAddress === undefined) return void socket.destroy();
    const accepted = acceptedOf(socket);
    const waiter = this.#waiter;
    this.#waiter = null;
    if (waiter) waiter.resolve(accepted);
    else this.#accepted.push(accepted);
  }

  #fail(error: Error): void {
    this.#error ??= error;
    this.#waiter?.reject(this.#error);
    this.#waiter = null;
    for (const { stream } of this.#accepted.splice(0)) stream.close();
  }
}

function acceptedOf(socket: Socket): Accepted {
  const stream = new NodeStream(socket);
  return { stream, ip: plainIp(socket.remoteAddress ?? ""), port: socket.remotePort ?? 0 };
}

/** Begins to listen. @returns Where. */
function listen(
  server: Server,
  { hostname, port, fd }: NodeListenOptions,
): { hostname: string; port: number } {
  if (fd !== undefined) {
    server.listen({ fd });
    return addressOf(server);
  }
  // Node binds an address by name some time later; what stands in the way must be known now.
  const probe = Deno.listen({ hostname, port });
  probe.close();
  const { addr } = probe;
  server.listen({ host: addr.hostname, port: addr.port, backlog: BACKLOG });
  return addr;
}

function addressOf(server: Server): { hostname: string; port: number } {
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new TypeError("Cannot listen on this descriptor: it is no TCP socket");
  }
  return { hostname: address.address, port: address.port };
}
