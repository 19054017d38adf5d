import type { LastingServer } from "../../platform/lasting_server.ts";
import type { Backend } from "../backend.ts";
import type { Certificate, Engine, EngineOptions, ShutdownOptions } from "../engine.ts";
import { errorResponse } from "../error_response.ts";
import { ClientRegistry } from "./clients.ts";
import { Handler } from "./handler.ts";
import { listen } from "./listener.ts";
import { TlsFront } from "./tls_front.ts";
import { Uploads } from "./uploads.ts";

/** How long connections may take to end after everything on them was cut. */
const LINGER_MS = 500;

/** Listens with `Deno.serve` and sends with `fetch`. */
export function startFetchEngine(options: EngineOptions): Engine {
  if (options.sockets !== null) throw new TypeError("Deno.serve cannot adopt a socket");
  return new FetchEngine(options);
}

class FetchEngine implements Engine {
  #clients = new ClientRegistry();
  #uploads = new Uploads();
  #handler: Handler;
  #front: TlsFront | null = null;
  #listener: LastingServer<Deno.NetAddr>;

  constructor(options: EngineOptions) {
    this.#handler = new Handler({ ...options, clients: this.#clients, uploads: this.#uploads });
    const { certificate } = options;
    if (certificate === null) {
      const handle: Handle = (request, info) => this.#handler.handle(request, info);
      this.#listener = listen({ ...options, handle });
    } else {
      const front = this.#front = new TlsFront({ ...options, certificate });
      this.#listener = listenBehind(front, options, this.#handler);
      front.start(this.#listener.addr);
    }
  }

  get hostname(): string {
    return (this.#front ?? this.#listener.addr).hostname;
  }

  get port(): number {
    return (this.#front ?? this.#listener.addr).port;
  }

  forget(backend: Backend): void {
    this.#clients.forget(backend);
  }

  setCertificate(certificate: Certificate): void {
    if (!this.#front) throw new TypeError("Cannot set a certificate: there is no TLS here");
    this.#front.setCertificate(certificate);
  }

  /**
   * `Deno.serve().shutdown()` breaks every request whose body is still arriving. So uploads come
   * first: the listener stays open, new uploads are refused, other requests are still served and
   * their clients asked to close. Only when no body is arriving is the server shut down; it then
   * closes idle connections and WebSockets (1001) and lets answers under way finish.
   */
  async shutdown({ drainTimeoutMs, signal }: ShutdownOptions, cut: () => void): Promise<void> {
    this.#handler.stop();
    const timeUp = timer(drainTimeoutMs, signal);
    await Promise.race([this.#uploads.none(), timeUp.promise]);
    if (timeUp.over) cut();
    const finished = this.#finish();
    await Promise.race([finished, timeUp.promise]);
    if (timeUp.over) cut();
    timeUp.stop();
    // A client that does not read keeps its connection; it ends with the process at the latest.
    const linger = timer(LINGER_MS);
    await Promise.race([finished.then(() => this.#front?.idle()), linger.promise]);
    linger.stop();
    this.#front?.end();
    this.#clients.close();
  }

  /** Nobody can connect any more; resolves when the server has ended all connections. */
  async #finish(): Promise<void> {
    await this.#front?.stop();
    await this.#listener.close();
  }
}

type Handle = Deno.ServeHandler<Deno.NetAddr>;

/** Listens where only the front connects. */
function listenBehind(
  front: TlsFront,
  options: EngineOptions,
  handler: Handler,
): LastingServer<Deno.NetAddr> {
  const handle: Handle = (request, { remoteAddr, completed }) => {
    const peer = front.peer(remoteAddr);
    if (!peer) return errorResponse(request, 403, { detail: "This port is not for you." });
    const { ip: hostname, port } = peer;
    return handler.handle(request, { completed, remoteAddr: { ...remoteAddr, hostname, port } });
  };
  try {
    return listen({ ...options, hostname: "127.0.0.1", port: 0, handle });
  } catch (error) {
    front.stop();
    throw error;
  }
}

interface Timer {
  readonly promise: Promise<void>;
  readonly over: boolean;
  stop(): void;
}

/** Is over after `ms`, or when `signal` aborts. */
function timer(ms: number, signal?: AbortSignal): Timer {
  const { promise, resolve } = Promise.withResolvers<void>();
  let over = false;
  const end = () => {
    over = true;
    resolve();
  };
  const id = setTimeout(end, ms);
  signal?.addEventListener("abort", end, { once: true });
  if (signal?.aborted) end();
  const stop = () => {
    clearTimeout(id);
    signal?.removeEventListener("abort", end);
  };
  return {
    promise,
    stop,
    get over() {
      return over;
    },
  };
}
