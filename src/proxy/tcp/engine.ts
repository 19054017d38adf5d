import type { Backend } from "../backend.ts";
import type { Certificate, Engine, EngineOptions, ShutdownOptions } from "../engine.ts";
import { Deadlines } from "../net/deadlines.ts";
import { denoNetwork } from "../net/deno_network.ts";
import { givenNetwork } from "../net/given_network.ts";
import { Listener } from "../net/listener.ts";
import type { Accepted, Acceptor, Network } from "../net/stream.ts";
import { type Arrival, Connection, type ConnectionOptions } from "./connection.ts";
import { listenAll, type Mapped } from "./listen_all.ts";

/** How long connections may take to end after everything on them was cut. */
const LINGER_MS = 500;

/** Passes bytes on, whatever they mean: one connection of a client is one to a backend. */
export function startTcpEngine(options: EngineOptions): Engine {
  const { sockets } = options;
  return new TcpEngine(options, sockets === null ? denoNetwork : givenNetwork(sockets));
}

/** {@linkcode startTcpEngine} over other sockets. */
export function startTcpEngineOn(network: Network, options: EngineOptions): Engine {
  return new TcpEngine(options, network);
}

class TcpEngine implements Engine {
  readonly hostname: string;
  readonly port: number;
  readonly #options: ConnectionOptions;
  readonly #acceptors: readonly Acceptor[];
  readonly #listeners: readonly Listener[];
  readonly #connections = new Set<Connection>();
  #onIdle: () => void = () => {};

  constructor(options: EngineOptions, network: Network) {
    const mapped = listenAll(options, network);
    this.#acceptors = mapped.map(({ acceptor }) => acceptor);
    this.hostname = mapped[0].acceptor.hostname;
    this.port = mapped[0].acceptor.port;
    this.#options = { ...options, network, deadlines: new Deadlines(options.clock) };
    this.#listeners = mapped.map((one) => this.#listen(one));
  }

  /** Connections to it go on; those that only wait for their client to close end if it is dead. */
  forget(backend: Backend): void {
    for (const connection of this.#connections) connection.backendLeft(backend);
  }

  setCertificate(certificate: Certificate): void {
    for (const acceptor of this.#acceptors) acceptor.setCertificate(certificate);
  }

  async shutdown({ drainTimeoutMs, signal }: ShutdownOptions, cut: () => void): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.close()));
    await this.#idle(drainTimeoutMs, signal);
    cut();
    // Without a backend there is no claim that could be cut.
    for (const connection of this.#connections) connection.cut("shutdown");
    await this.#idle(LINGER_MS);
    this.#options.deadlines.close();
  }

  #listen({ acceptor, mapping }: Mapped): Listener {
    const { limits: { maxConnections }, clock, onError } = this.#options;
    const onConnection = (accepted: Accepted, done: () => void) =>
      this.#serve({ accepted, port: acceptor.port, mapping }, done);
    return new Listener({ acceptor, maxConnections, clock, onConnection, onError });
  }

  async #serve(arrival: Arrival, done: () => void): Promise<void> {
    const connection = new Connection(arrival, this.#options);
    this.#connections.add(connection);
    await connection.run();
    this.#connections.delete(connection);
    done();
    if (this.#connections.size === 0) this.#onIdle();
  }

  /** Resolves when no connection is left, after `ms`, or when `hurry` aborts. */
  async #idle(ms: number, hurry?: AbortSignal): Promise<void> {
    if (this.#connections.size === 0 || hurry?.aborted) return;
    const over = new AbortController();
    const end = () => over.abort();
    this.#onIdle = end;
    hurry?.addEventListener("abort", end, { once: true });
    await this.#options.clock.sleep(ms, over.signal).catch(() => {});
    hurry?.removeEventListener("abort", end);
  }
}
