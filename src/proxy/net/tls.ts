import { createSecureContext, type SecureContext, TLSSocket } from "node:tls";
import type { Certificate } from "../engine.ts";
import { ByteDuplex } from "./byte_duplex.ts";
import { NodeStream } from "./node_stream.ts";
import type { Accepted, Acceptor, ByteStream } from "./stream.ts";

/** What those who read bytes themselves understand. A client that offers nothing of it is refused. */
const HTTP_1: readonly string[] = ["http/1.1", "http/1.0"];

/**
 * Checks that a certificate can be served with its key.
 *
 * @throws {TypeError} When one of them cannot be read, or they do not belong together.
 */
export function checkCertificate({ cert, key }: Certificate): void {
  try {
    // A listener reads both of them at once; a secure context takes anything and fails later.
    Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert, key }).close();
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new TypeError(`Cannot use the certificate: ${detail}`, { cause });
  }
}

/** Speaks TLS on connections that exist already, with a certificate that can be exchanged. */
export class TlsServer {
  #context: SecureContext;
  readonly #protocols: readonly string[];

  /**
   * @param protocols What is spoken inside, best first (ALPN); none: clients are not told.
   * @throws {TypeError} As {@linkcode checkCertificate}.
   */
  constructor(certificate: Certificate, protocols = HTTP_1) {
    this.#context = contextOf(certificate);
    this.#protocols = protocols;
  }

  /**
   * Connections from now on get this certificate.
   *
   * @throws {TypeError} As {@linkcode checkCertificate}; the old one stays.
   */
  setCertificate(certificate: Certificate): void {
    this.#context = contextOf(certificate);
  }

  /**
   * The handshake goes on while somebody reads; if it fails, so does reading. Who writes before
   * waits for it: see {@linkcode ByteStream.ready}.
   *
   * @param raw Belongs to the result from now on.
   * @param first What was read from `raw` already.
   */
  secure(raw: ByteStream, first?: Uint8Array): ByteStream {
    const duplex = new ByteDuplex(raw, first);
    const options = {
      isServer: true,
      secureContext: this.#context,
      ALPNProtocols: [...this.#protocols],
    };
    const socket = new TLSSocket(duplex, options);
    return new NodeStream(socket, duplex, handshake(socket, duplex));
  }
}

/** Accepts TLS connections where another acceptor accepts plain ones. */
export class TlsAcceptor implements Acceptor {
  readonly hostname: string;
  readonly port: number;
  readonly #plain: Acceptor;
  readonly #tls: TlsServer;
  readonly #hasPrelude: (ip: string) => boolean;

  constructor(plain: Acceptor, tls: TlsServer, hasPrelude: (ip: string) => boolean) {
    this.hostname = plain.hostname;
    this.port = plain.port;
    this.#plain = plain;
    this.#tls = tls;
    this.#hasPrelude = hasPrelude;
  }

  async accept(): Promise<Accepted> {
    const accepted = await this.#plain.accept();
    const { stream, ip } = accepted;
    if (!this.#hasPrelude(ip)) return { ...accepted, stream: this.#tls.secure(stream) };
    return { ...accepted, secure: (rest) => this.#tls.secure(stream, rest) };
  }

  setCertificate(certificate: Certificate): void {
    this.#tls.setCertificate(certificate);
  }

  pause(): void {
    this.#plain.pause?.();
  }

  resume(): void {
    this.#plain.resume?.();
  }

  close(): void {
    this.#plain.close();
  }
}

/** Resolves when both sides can speak; rejects when they never will. */
function handshake(socket: TLSSocket, below: ByteDuplex): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const fail = () => reject(new Deno.errors.ConnectionReset("Connection ended in its handshake"));
  socket.once("secure", resolve);
  // Not the end below: what was said before it may still be on its way up.
  socket.once("end", fail).once("close", fail);
  below.once("close", fail);
  // It is no error if nobody asks.
  promise.catch(() => {});
  return promise;
}

function contextOf(certificate: Certificate): SecureContext {
  checkCertificate(certificate);
  return createSecureContext({ cert: certificate.cert, key: certificate.key });
}
