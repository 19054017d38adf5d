import { plainIp } from "./address.ts";
import type { Accepted, Acceptor, ListenOptions, Network } from "./stream.ts";
import { TlsAcceptor, TlsServer } from "./tls.ts";

/**
 * Connections that the kernel keeps while we do not accept; it takes less where
 * `net.core.somaxconn` is lower.
 */
const BACKLOG = 4096;

/** Sockets of Deno itself; plain connections are streams as they are. */
export const denoNetwork: Network = {
  listen(options: ListenOptions): Acceptor {
    const { hostname, port, certificate, protocols, hasPrelude = () => false } = options;
    const tls = certificate && new TlsServer(certificate, protocols);
    const plain = new DenoAcceptor(Deno.listen({ hostname, port, tcpBacklog: BACKLOG }));
    return tls ? new TlsAcceptor(plain, tls, hasPrelude) : plain;
  },

  async connect(hostname: string, port: number, signal: AbortSignal): Promise<Deno.TcpConn> {
    const conn = await Deno.connect({ hostname, port, signal });
    conn.setNoDelay(true);
    conn.setKeepAlive(true);
    return conn;
  },
};

class DenoAcceptor implements Acceptor {
  readonly hostname: string;
  readonly port: number;
  readonly #listener: Deno.TcpListener;

  constructor(listener: Deno.TcpListener) {
    this.#listener = listener;
    this.hostname = listener.addr.hostname;
    this.port = listener.addr.port;
  }

  async accept(): Promise<Accepted> {
    const stream = await this.#listener.accept();
    stream.setNoDelay(true);
    stream.setKeepAlive(true);
    const { hostname, port } = stream.remoteAddr;
    return { stream, ip: plainIp(hostname), port };
  }

  setCertificate(): void {
    throw new TypeError("Cannot set a certificate: there is no TLS here");
  }

  close(): void {
    this.#listener.close();
  }
}
