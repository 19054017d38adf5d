import type { Certificate } from "../engine.ts";

/**
 * A connection as a stream of bytes. `Deno.TcpConn` and `Deno.TlsConn` are such streams as they are,
 * so that the fastest of them needs no wrapping.
 */
export interface ByteStream {
  /**
   * Resolves after the TLS handshake, which needs a pending read to go on; rejects when there will
   * be none. Until then a write waits, whatever becomes of the client. Undefined: nothing to wait for.
   */
  readonly ready?: Promise<void> | undefined;
  /**
   * Reads what is there, at least one byte. `buffer` must stay untouched until then.
   *
   * @returns How many bytes; null at the end.
   * @throws When the connection was reset, or closed by us while reading.
   */
  read(buffer: Uint8Array): Promise<number | null>;
  /**
   * Writes some of `bytes`, which must stay untouched until then.
   *
   * @returns How many.
   */
  write(bytes: Uint8Array): Promise<number>;
  /** Sends the end (FIN, or TLS close_notify); reading goes on. */
  closeWrite(): Promise<void>;
  /** Ends it at once, both ways; pending reads and writes reject. Throws when it is closed already. */
  close(): void;
}

/** A client's connection. */
export interface Accepted {
  readonly stream: ByteStream;
  /** IP address of the peer. */
  readonly ip: string;
  readonly port: number;
  /**
   * Only where the peer has something to say in front of the TLS handshake: `stream` is the plain
   * connection then, and this turns it into the encrypted one. Neither `stream` nor a read on it may
   * be in use any more.
   *
   * @param rest What was read from `stream` and belongs to the handshake already.
   */
  secure?(rest: Uint8Array): ByteStream;
}

/** A listening socket. */
export interface Acceptor {
  readonly hostname: string;
  readonly port: number;
  /**
   * @throws {Deno.errors.BadResource} When the acceptor was closed.
   * @throws When the system has nothing left, for example EMFILE; another try may succeed later.
   */
  accept(): Promise<Accepted>;
  /**
   * Connections that are accepted from now on get this certificate; nobody is lost.
   *
   * @throws {TypeError} When there is no TLS here, or the certificate is unusable; the old one stays.
   */
  setCertificate(certificate: Certificate): void;
  /**
   * Where connections are accepted before anybody asks: nobody will for a while, so the kernel is to
   * keep them. Some more may come.
   */
  pause?(): void;
  /** Somebody asks again. */
  resume?(): void;
  close(): void;
}

/** Where an acceptor listens. */
export interface ListenOptions {
  hostname: string;
  /** 0 takes any free port. */
  port: number;
  /** Speak TLS; null: plain text. */
  certificate: Certificate | null;
  /** What is spoken inside of TLS, best first (ALPN). @default {["http/1.1", "http/1.0"]} */
  protocols?: readonly string[];
  /**
   * Whether this peer says something before its TLS handshake, a PROXY protocol header for example;
   * its connections come with {@linkcode Accepted.secure}. @default Nobody does.
   */
  hasPrelude?(ip: string): boolean;
}

/** The sockets of one runtime library. */
export interface Network {
  /**
   * @throws {Deno.errors.AddrInUse} And the other errors of listening.
   * @throws {TypeError} When the certificate is unusable.
   */
  listen(options: ListenOptions): Acceptor;
  /** Connects without delay for small writes (TCP_NODELAY). Rejects when `signal` aborts. */
  connect(host: string, port: number, signal: AbortSignal): Promise<ByteStream>;
}
