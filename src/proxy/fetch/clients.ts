import type { Backend } from "../backend.ts";

/** Below the 5 s of Node, the shortest keep-alive of the common servers. */
const POOL_IDLE_MS = 4000;
const POOL_MAX_IDLE = 256;

/** Variables by which an HTTP client would send the traffic of children to somebody else. */
const PROXY_VARIABLES = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

/** The HTTP clients of one backend. */
export interface Clients {
  /** `http://host:port`, without a path. */
  readonly origin: string;
  /** Reuses connections. Re-sends by itself when a reused one turns out dead: idempotent only. */
  readonly pooled: Deno.HttpClient;
  /** A new connection for each request, so it never re-sends anything by itself. */
  readonly fresh: Deno.HttpClient;
}

/** Clients by backend. */
export class ClientRegistry {
  #clients = new Map<Backend, Clients>();

  get(backend: Backend): Clients {
    const known = this.#clients.get(backend);
    if (known) return known;
    const clients = createClients(backend);
    this.#clients.set(backend, clients);
    return clients;
  }

  /**
   * Closes the idle connections to a backend; exchanges under way go on. A request that was about
   * to use it fails with `BadResource`, before anything was sent.
   */
  forget(backend: Backend): void {
    const clients = this.#clients.get(backend);
    clients?.pooled.close();
    clients?.fresh.close();
    this.#clients.delete(backend);
  }

  close(): void {
    for (const backend of [...this.#clients.keys()]) this.forget(backend);
  }
}

function createClients({ target }: Backend): Clients {
  const host = target.host.includes(":") ? `[${target.host}]` : target.host;
  return withoutProxyVariables(() => ({
    origin: `http://${host}:${target.port}`,
    pooled: createClient(POOL_MAX_IDLE),
    fresh: createClient(0),
  }));
}

function createClient(poolMaxIdlePerHost: number): Deno.HttpClient {
  return Deno.createHttpClient({
    allowHost: true,
    http2: false,
    poolIdleTimeout: POOL_IDLE_MS,
    poolMaxIdlePerHost,
  });
}

/**
 * Deno reads these variables when a client is made and has no option against it. Taking them away
 * for that moment is safe: `work` is synchronous, so nothing else runs or is spawned meanwhile.
 */
function withoutProxyVariables<T>(work: () => T): T {
  const saved = PROXY_VARIABLES.map((name) => [name, Deno.env.get(name)] as const);
  for (const [name, value] of saved) if (value !== undefined) Deno.env.delete(name);
  try {
    return work();
  } finally {
    for (const [name, value] of saved) if (value !== undefined) Deno.env.set(name, value);
  }
}
