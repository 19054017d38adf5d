import { connect, createServer, type Server } from "node:net";
import { AcceptQueue } from "./accept_queue.ts";
import { closedError, denoError } from "./node_errors.ts";
import { NodeStream } from "./node_stream.ts";
import type { Accepted, Acceptor, ByteStream, ListenOptions, Network } from "./stream.ts";
import { TlsAcceptor, TlsServer } from "./tls.ts";

/** Connections that the kernel keeps while the event loop is busy. */
const BACKLOG = 4096;

const SOCKET_OPTIONS = { noDelay: true, keepAlive: true, allowHalfOpen: true } as const;

/**
 * Sockets of `node:net`. {@linkcode denoNetwork} is better: a listener of Node accepts whether we are
 * ready or not, and Deno's accepts nobody ever again once the process has run out of descriptors.
 */
export const nodeNetwork: Network = {
  listen(options: ListenOptions): Acceptor {
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

class NodeAcceptor implements Acceptor {
  readonly hostname: string;
  readonly port: number;
  readonly #server: Server;
  readonly #queue = new AcceptQueue();

  constructor(options: ListenOptions) {
    this.#server = createServer({ ...SOCKET_OPTIONS, pauseOnConnect: true });
    this.#server.on("connection", (socket) => this.#queue.push(socket));
    this.#server.on("error", (error) => this.#queue.fail(denoError(error)));
    const { hostname, port } = listen(this.#server, options);
    this.hostname = hostname;
    this.port = port;
  }

  accept(): Promise<Accepted> {
    return this.#queue.accept();
  }

  setCertificate(): void {
    throw new TypeError("Cannot set a certificate: there is no TLS here");
  }

  close(): void {
    this.#server.close();
    this.#queue.fail(closedError("Listener"));
  }
}

/** Begins to listen. @returns Where. */
function listen(
  server: Server,
  { hostname, port }: ListenOptions,
): { hostname: string; port: number } {
  // Node binds an address by name some time later; what stands in the way must be known now.
  const probe = Deno.listen({ hostname, port });
  probe.close();
  const { addr } = probe;
  server.listen({ host: addr.hostname, port: addr.port, backlog: BACKLOG });
  return addr;
}
