import type { Socket } from "node:net";
import { AcceptQueue } from "./accept_queue.ts";
import { denoNetwork } from "./deno_network.ts";
import { closedError } from "./node_errors.ts";
import type { Accepted, Acceptor, ListenOptions, Network } from "./stream.ts";
import { TlsAcceptor, TlsServer } from "./tls.ts";

/** A listening socket that somebody else has opened, and decides when it accepts. */
export interface GivenSocket {
  readonly hostname: string;
  readonly port: number;
  /**
   * Hands every connection to `handle`: half-open when the client ends, and nothing is read from it
   * before somebody does.
   *
   * @param onTrouble Told, perhaps often, while nobody can be accepted.
   */
  serve(handle: (socket: Socket) => void, onTrouble: (error: Error) => void): void;
  /** Accepts nobody until it is told to go on. @throws When that cannot be had. */
  pause(): void;
  /** Goes on. @throws When that cannot be had. */
  resume(): Promise<void>;
  /** Accepts nobody any more. */
  close(): void;
}

/** Where listening takes the sockets that there are, in their order, and connecting is Deno's. */
export function givenNetwork(sockets: readonly GivenSocket[]): Network {
  const left = [...sockets];
  return {
    ...denoNetwork,
    listen({ port, certificate, protocols, hasPrelude = () => false }: ListenOptions): Acceptor {
      // First, or a certificate that cannot be used would cost a socket.
      const tls = certificate && new TlsServer(certificate, protocols);
      const socket = left.shift();
      if (socket === undefined) throw new TypeError(`Cannot listen on ${port}: no socket is left`);
      const plain = new GivenAcceptor(socket);
      return tls ? new TlsAcceptor(plain, tls, hasPrelude) : plain;
    },
  };
}

class GivenAcceptor implements Acceptor {
  readonly hostname: string;
  readonly port: number;
  readonly #socket: GivenSocket;
  readonly #queue = new AcceptQueue();

  constructor(socket: GivenSocket) {
    this.#socket = socket;
    this.hostname = socket.hostname;
    this.port = socket.port;
    const queue = this.#queue;
    socket.serve((client) => queue.push(client), (error) => queue.interrupt(error));
  }

  accept(): Promise<Accepted> {
    return this.#queue.accept();
  }

  setCertificate(): void {
    throw new TypeError("Cannot set a certificate: there is no TLS here");
  }

  pause(): void {
    try {
      this.#socket.pause();
    } catch {
      // Without a free descriptor it goes on; who comes waits here instead of in the kernel.
    }
  }

  resume(): void {
    this.#socket.resume().catch((error) => this.#queue.end(error));
  }

  close(): void {
    this.#socket.close();
    this.#queue.end(closedError("Listener"));
  }
}
