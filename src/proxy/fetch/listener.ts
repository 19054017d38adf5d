import { delay } from "@std/async/delay";
import { AcceptError } from "../operational_error.ts";

/** Between two tries to listen again; descriptors come back as connections end. */
const RETRY_MS = 100;

/** While the trouble lasts, it is told this often and no more. */
const REPORT_EVERY_MS = 10_000;

/** What a {@linkcode Listener} needs. */
export interface ListenerOptions {
  hostname: string;
  /** 0 takes any free port. */
  port: number;
  handle: Deno.ServeHandler<Deno.NetAddr>;
  /** Told why it had to listen again; must not throw. */
  onError(error: unknown): void;
}

/**
 * `Deno.serve` that listens again when it must.
 *
 * Its accept loop ends for good at the first error, for example when the process has run out of
 * file descriptors: existing connections go on, but nobody can connect any more.
 */
export class Listener {
  readonly addr: Deno.NetAddr;
  readonly #options: ListenerOptions;
  readonly #servers = new Set<Deno.HttpServer<Deno.NetAddr>>();
  readonly #stop = new AbortController();
  #reportedAt = -Infinity;

  /** @throws {Deno.errors.AddrInUse} And the other errors of listening. */
  constructor(options: ListenerOptions) {
    this.#options = options;
    this.addr = this.#listen(options.port).addr;
  }

  /** Stops listening and waits for all connections; never rejects. */
  async shutdown(): Promise<void> {
    this.#stop.abort();
    await Promise.allSettled([...this.#servers].map((server) => server.shutdown()));
  }

  #listen(port: number): Deno.HttpServer<Deno.NetAddr> {
    const { hostname, handle } = this.#options;
    const server = Deno.serve({
      hostname,
      port,
      onListen() {},
      // Called when a response body fails on the way: the client's connection is cut then.
      onError: () => new Response(null, { status: 502 }),
    }, handle);
    this.#servers.add(server);
    server.finished.catch((error) => this.#listenAgain(error));
    return server;
  }

  async #listenAgain(cause: unknown): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#report(cause);
    // Not at once: what has run out may stay so for a while.
    while (await this.#pause()) {
      try {
        this.#listen(this.addr.port);
        return;
      } catch {
        // Still nothing to listen with.
      }
    }
  }

  #report(cause: unknown): void {
    if (performance.now() - this.#reportedAt < REPORT_EVERY_MS) return;
    this.#reportedAt = performance.now();
    this.#options.onError(new AcceptError(cause));
  }

  /** @returns Whether there still is a reason to listen. */
  #pause(): Promise<boolean> {
    return delay(RETRY_MS, { signal: this.#stop.signal }).then(() => true, () => false);
  }
}
