import { delay } from "@std/async/delay";

/** Between two tries to listen again; descriptors come back as connections end. */
const RETRY_MS = 100;

/** While the trouble lasts, it is told this often and no more. */
const REPORT_EVERY_MS = 10_000;

type Server<A extends Deno.Addr> = Pick<Deno.HttpServer<A>, "addr" | "finished" | "shutdown">;

/** What a {@linkcode LastingServer} needs. */
export interface LastingServerOptions<A extends Deno.Addr> {
  /**
   * Begins to listen; called again when that has ended by itself.
   *
   * @param addr Where it was listening; null: nowhere yet.
   * @throws
   */
  serve(addr: A | null): Server<A>;
  /** Told why it has to listen again; must not throw. */
  onTrouble(cause: unknown): void;
}

/**
 * `Deno.serve` that listens again when it must.
 *
 * Its accept loop ends for good at the first error, for example when the process has run out of
 * file descriptors: existing connections go on, but nobody can connect any more.
 */
export class LastingServer<A extends Deno.Addr> {
  readonly addr: A;
  readonly #options: LastingServerOptions<A>;
  readonly #servers = new Set<Server<A>>();
  readonly #stop = new AbortController();
  #reportedAt = -Infinity;

  /** @throws What `serve` throws the first time. */
  constructor(options: LastingServerOptions<A>) {
    this.#options = options;
    this.addr = this.#listen(null).addr;
  }

  /** Stops listening and waits for all answers; never rejects. */
  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.allSettled([...this.#servers].map((server) => server.shutdown()));
  }

  #listen(addr: A | null): Server<A> {
    const server = this.#options.serve(addr);
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
        this.#listen(this.addr);
        return;
      } catch {
        // Still nothing to listen with.
      }
    }
  }

  #report(cause: unknown): void {
    if (performance.now() - this.#reportedAt < REPORT_EVERY_MS) return;
    this.#reportedAt = performance.now();
    this.#options.onTrouble(cause);
  }

  /** @returns Whether there still is a reason to listen. */
  #pause(): Promise<boolean> {
    return delay(RETRY_MS, { signal: this.#stop.signal }).then(() => true, () => false);
  }
}
