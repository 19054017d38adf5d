import type { Backend } from "../backend.ts";
import type { Engine, EngineOptions, ShutdownOptions } from "../engine.ts";
import { ClientRegistry } from "./clients.ts";
import { Handler } from "./handler.ts";
import { Listener } from "./listener.ts";
import { Uploads } from "./uploads.ts";

/** How long connections may take to end after everything on them was cut. */
const LINGER_MS = 500;

/** Listens with `Deno.serve` and sends with `fetch`. */
export function startFetchEngine(options: EngineOptions): Engine {
  return new FetchEngine(options);
}

class FetchEngine implements Engine {
  #clients = new ClientRegistry();
  #uploads = new Uploads();
  #handler: Handler;
  #listener: Listener;

  constructor(options: EngineOptions) {
    this.#handler = new Handler({ ...options, clients: this.#clients, uploads: this.#uploads });
    this.#listener = new Listener({
      ...options,
      handle: (request, info) => this.#handler.handle(request, info),
    });
  }

  get hostname(): string {
    return this.#listener.addr.hostname;
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  forget(backend: Backend): void {
    this.#clients.forget(backend);
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
    const finished = this.#listener.shutdown();
    await Promise.race([finished, timeUp.promise]);
    if (timeUp.over) cut();
    timeUp.stop();
    // A client that does not read keeps its connection; it ends with the process at the latest.
    const linger = timer(LINGER_MS);
    await Promise.race([finished, linger.promise]);
    linger.stop();
    this.#clients.close();
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
