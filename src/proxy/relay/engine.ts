import type { Backend } from "../backend.ts";
import type { Certificate, Engine, EngineOptions, ShutdownOptions } from "../engine.ts";
import { Deadlines } from "../net/deadlines.ts";
import { denoNetwork } from "../net/deno_network.ts";
import { givenNetwork } from "../net/given_network.ts";
import { Listener } from "../net/listener.ts";
import { readPrelude } from "../net/prelude.ts";
import type { Accepted, Acceptor, ByteStream, Network } from "../net/stream.ts";
import { Buffers } from "./buffers.ts";
import { PreludeError } from "../operational_error.ts";
import { Connection } from "./connection.ts";
import { EntryDraft } from "./entry_draft.ts";
import type { Relay } from "./relay.ts";
import { UpstreamPool } from "./upstream_pool.ts";

/** How long connections may take to end after everything on them was cut. */
const LINGER_MS = 500;

/** Passes HTTP/1.1 on byte for byte, over the sockets of Deno, or those given. */
export function startRelayEngine(options: EngineOptions): Engine {
  const { sockets } = options;
  return new RelayEngine(options, sockets === null ? denoNetwork : givenNetwork(sockets));
}

const NOTHING = new Uint8Array();

class RelayEngine implements Engine, Relay {
  readonly options: EngineOptions;
  readonly deadlines: Deadlines;
  readonly buffers = new Buffers();
  readonly upstreams: UpstreamPool;
  #acceptor: Acceptor;
  #hasPrelude: (ip: string) => boolean;
  #listener: Listener;
  #connections = new Set<Connection>();
  /** Connections whose first words have not come. */
  #strangers = new Set<ByteStream>();
  #stopping = false;
  #allowsLastRequests = false;
  #lastRequestMs = 0;
  #onEmpty: (() => void) | null = null;

  constructor(options: EngineOptions, network: Network) {
    const { hostname, port, certificate, limits, clock, onError } = options;
    this.options = options;
    const hasPrelude = (ip: string) => options.proxyProtocol && options.isTrusted(ip);
    this.#hasPrelude = hasPrelude;
    this.#acceptor = network.listen({ hostname, port, certificate, hasPrelude });
    this.deadlines = new Deadlines(clock);
    const { deadlines, buffers } = this;
    this.upstreams = new UpstreamPool({ network, deadlines, buffers, limits });
    this.#listener = new Listener({
      acceptor: this.#acceptor,
      maxConnections: limits.maxConnections,
      clock,
      onConnection: (accepted, done) => this.#serve(accepted, done),
      onError,
    });
  }

  get hostname(): string {
    return this.#listener.hostname;
  }

  get port(): number {
    return this.#listener.port;
  }

  get stopping(): boolean {
    return this.#stopping;
  }

  get lastRequestMs(): number {
    return this.#lastRequestMs;
  }

  forget(backend: Backend): void {
    this.upstreams.forget(backend);
  }

  setCertificate(certificate: Certificate): void {
    this.#acceptor.setCertificate(certificate);
  }

  async shutdown(options: ShutdownOptions, cut: () => void): Promise<void> {
    const { drainTimeoutMs, idleGraceMs = 0, signal } = options;
    const graceMs = this.#lastRequestMs = Math.min(idleGraceMs, drainTimeoutMs);
    this.#stopping = true;
    const stopped = this.#listener.close();
    for (const stream of this.#strangers) stream.close();
    await this.#lastRequests(graceMs, signal);
    for (const connection of [...this.#connections]) connection.stop();
    await this.#empty(drainTimeoutMs - graceMs, signal);
    if (this.#connections.size > 0) cut();
    await this.#empty(LINGER_MS);
    for (const connection of [...this.#connections]) connection.close();
    await this.#empty(LINGER_MS);
    this.upstreams.close();
    this.deadlines.close();
    await stopped;
  }

  async #serve(accepted: Accepted, done: () => void): Promise<void> {
    if (!this.#hasPrelude(accepted.ip)) await this.#run(accepted, NOTHING);
    else await this.#runIntroduced(accepted);
    done();
  }

  async #runIntroduced(accepted: Accepted): Promise<void> {
    const timeoutMs = this.options.limits.clientHeadTimeoutMs;
    this.#strangers.add(accepted.stream);
    const introduced = await readPrelude(accepted, this.deadlines, timeoutMs);
    this.#strangers.delete(accepted.stream);
    if (introduced) await this.#run(introduced, introduced.rest);
    else this.#complain(accepted);
  }

  /** A load balancer that does not speak the protocol would else be a dead site without a hint. */
  #complain({ ip }: Accepted): void {
    if (this.#stopping) return;
    this.options.accessLog?.record(EntryDraft.refused(ip, 0, 0, "bad_proxy_header"));
    this.options.onError(new PreludeError(ip));
  }

  async #run(accepted: Accepted, rest: Uint8Array): Promise<void> {
    const connection = new Connection(this, accepted, rest);
    this.#connections.add(connection);
    if (this.#stopping && !this.#allowsLastRequests) connection.stop();
    await connection.run();
    this.#connections.delete(connection);
    if (this.#connections.size === 0) this.#onEmpty?.();
  }

  /** For so long, each connection may bring one more request. */
  async #lastRequests(graceMs: number, signal?: AbortSignal): Promise<void> {
    if (graceMs <= 0) return;
    this.#allowsLastRequests = true;
    await this.#empty(graceMs, signal);
    this.#allowsLastRequests = false;
  }

  /** Waits until there is no connection, at most `ms`. Never rejects. */
  async #empty(ms: number, signal?: AbortSignal): Promise<void> {
    if (this.#connections.size === 0) return;
    const over = new AbortController();
    this.#onEmpty = () => over.abort();
    const ends = signal ? AbortSignal.any([over.signal, signal]) : over.signal;
    await this.options.clock.sleep(ms, ends).catch(() => {});
    this.#onEmpty = null;
  }
}
