import { closeStream } from "../net/close_stream.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Certificate } from "../engine.ts";
import type { Limits } from "../limits.ts";
import { Deadlines, type Timed } from "../net/deadlines.ts";
import { denoNetwork } from "../net/deno_network.ts";
import { Listener } from "../net/listener.ts";
import { pump } from "../net/pump.ts";
import type { Accepted, Acceptor, ByteStream } from "../net/stream.ts";

/** All are understood by `Deno.serve` without TLS, too. */
const PROTOCOLS = ["h2", "http/1.1", "http/1.0"];

const FIRST_READ_BYTES = 16_384;

/** How long a client may take to close, after the server has closed. */
const LINGER_MS = 2000;

/** What a {@linkcode TlsFront} needs. */
export interface TlsFrontOptions {
  hostname: string;
  /** 0 takes any free port. */
  port: number;
  certificate: Certificate;
  limits: Pick<Limits, "clientHeadTimeoutMs" | "maxConnections">;
  clock: Clock;
  /** Told why nobody can connect; must not throw. */
  onError(error: unknown): void;
}

/** Where a connection comes from. */
export type Peer = Pick<Accepted, "ip" | "port">;

/** One end of a connection. */
type Address = Pick<Deno.NetAddr, "hostname" | "port">;

/**
 * Speaks TLS with clients, and passes on what is inside to a server on this host.
 *
 * `Deno.serve` has one certificate for life. A second server on the same port could take over with
 * another one, but connections that the kernel had given to the first would be reset.
 */
export class TlsFront {
  readonly hostname: string;
  readonly port: number;
  readonly #options: TlsFrontOptions;
  readonly #acceptor: Acceptor;
  readonly #deadlines: Deadlines;
  readonly #streams = new Set<ByteStream>();
  /** By the address from which we connect to the server. */
  readonly #peers = new Map<string, Peer>();
  readonly #serving = new Set<Promise<void>>();
  readonly #ending = new AbortController();
  #listener: Listener | null = null;

  /**
   * Binds; nobody is served before {@linkcode start}.
   *
   * @throws {Deno.errors.AddrInUse} And the other errors of listening.
   * @throws {TypeError} When the certificate is unusable.
   */
  constructor(options: TlsFrontOptions) {
    this.#options = options;
    this.#acceptor = denoNetwork.listen({ ...options, protocols: PROTOCOLS });
    this.#deadlines = new Deadlines(options.clock);
    this.hostname = this.#acceptor.hostname;
    this.port = this.#acceptor.port;
  }

  /** Begins to accept; `server` is where plain text is understood. */
  start(server: Deno.NetAddr): void {
    const { clock, limits, onError } = this.#options;
    this.#listener = new Listener({
      acceptor: this.#acceptor,
      maxConnections: limits.maxConnections,
      clock,
      onConnection: (accepted, done) => {
        const serving = this.#serve(accepted, server).finally(() => {
          this.#serving.delete(serving);
          done();
        });
        this.#serving.add(serving);
      },
      onError,
    });
  }

  /** Who is behind a connection to the server; null: somebody that did not come through here. */
  peer(address: Address): Peer | null {
    return this.#peers.get(keyOf(address)) ?? null;
  }

  /** @throws {TypeError} When the certificate is unusable; the old one stays. */
  setCertificate(certificate: Certificate): void {
    this.#acceptor.setCertificate(certificate);
  }

  /** Stops accepting; connections go on. Never rejects. */
  async stop(): Promise<void> {
    if (this.#listener) await this.#listener.close();
    else this.#acceptor.close();
  }

  /** Resolves when the connections of now have ended. Never rejects. */
  async idle(): Promise<void> {
    await Promise.all(this.#serving);
  }

  /** Ends what is left. */
  end(): void {
    this.#ending.abort();
    this.#deadlines.close();
    for (const stream of this.#streams) closeStream(stream);
  }

  /** Never rejects. */
  async #serve({ stream, ip, port }: Accepted, server: Deno.NetAddr): Promise<void> {
    this.#streams.add(stream);
    try {
      const initial = await this.#first(stream);
      if (initial) await this.#pass(stream, initial, { ip, port }, server);
    } catch {
      // The handshake failed, or the server is gone: either way there is nobody to tell.
    }
    closeStream(stream);
    this.#streams.delete(stream);
  }

  /** The first bytes inside; null: none came in time. */
  async #first(stream: ByteStream): Promise<Uint8Array | null> {
    const limit = this.#limit(stream, this.#options.limits.clientHeadTimeoutMs);
    try {
      const buffer = new Uint8Array(FIRST_READ_BYTES);
      const count = await stream.read(buffer);
      return count === null ? null : buffer.subarray(0, count);
    } finally {
      this.#deadlines.remove(limit);
    }
  }

  async #pass(
    stream: ByteStream,
    initial: Uint8Array,
    peer: Peer,
    { hostname, port }: Deno.NetAddr,
  ): Promise<void> {
    const { signal } = this.#ending;
    const inside = await Deno.connect({ hostname, port, signal });
    inside.setNoDelay(true);
    const key = keyOf(inside.localAddr);
    this.#peers.set(key, peer);
    this.#streams.add(inside);
    let limit: Timed | null = null;
    const onEnd = () => limit = this.#limit(stream, LINGER_MS);
    await pump(stream, inside, { fromA: { initial }, fromB: { onEnd } });
    if (limit) this.#deadlines.remove(limit);
    this.#streams.delete(inside);
    // The system may have given the port to another connection of ours already.
    if (this.#peers.get(key) === peer) this.#peers.delete(key);
  }

  /** Closes `stream` after `ms`, unless that is removed from the deadlines. */
  #limit(stream: ByteStream, ms: number): Timed {
    const timed = { deadlineAt: Infinity, onDeadline: () => closeStream(stream) };
    this.#deadlines.add(timed);
    timed.deadlineAt = this.#deadlines.in(ms);
    return timed;
  }
}

/** The port alone is not enough: a neighbour can take the same one on another loopback address. */
function keyOf({ hostname, port }: Address): string {
  return `${hostname} ${port}`;
}
