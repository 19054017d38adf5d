import { delay } from "@std/async/delay";
import type { HttpServer } from "./http/http_server.ts";
import { denoErrorText } from "./listen_error.ts";

/** Between two tries to listen again; descriptors come back as connections end. */
const RETRY_MS = 100;

/** While the trouble lasts, it is told this often and no more. */
const REPORT_EVERY_MS = 10_000;

type Server = Pick<HttpServer, "addr" | "finished" | "shutdown">;

/** What a {@linkcode Listener} needs. */
export interface ListenerOptions {
  /** Where it listens, for people. */
  name: string;
  /** Begins to listen; called again when that has ended by itself. @throws */
  serve(): Server;
  /** Told why it had to listen again; must not throw. */
  onError(error: unknown): void;
}

/**
 * Listens again when it must: a server accepts nobody any more after the first error, for example
 * when the process has run out of file descriptors.
 */
export class Listener {
  readonly addr: Deno.Addr;
  readonly #options: ListenerOptions;
  readonly #servers = new Set<Server>();
  readonly #stop = new AbortController();
  #reportedAt = -Infinity;

  /** @throws {Error} When it cannot listen. */
  constructor(options: ListenerOptions) {
    this.#options = options;
    try {
      this.addr = this.#listen().addr;
    } catch (error) {
      throw new Error(`Cannot listen on ${options.name}: ${denoErrorText(error)}`, {
        cause: error,
      });
    }
  }

  /** Stops listening and waits for all answers; never rejects. */
  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.allSettled([...this.#servers].map((server) => server.shutdown()));
  }

  #listen(): Server {
    const server = this.#options.serve();
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
        this.#listen();
        return;
      } catch {
        // Still nothing to listen with.
      }
    }
  }

  #report(cause: unknown): void {
    if (performance.now() - this.#reportedAt < REPORT_EVERY_MS) return;
    this.#reportedAt = performance.now();
    const why = cause instanceof Error ? cause.message : String(cause);
    const text = `Cannot accept connections on ${this.#options.name}: ${why}; trying again`;
    this.#options.onError(new Error(text, { cause }));
  }

  /** @returns Whether there still is a reason to listen. */
  #pause(): Promise<boolean> {
    return delay(RETRY_MS, { signal: this.#stop.signal }).then(() => true, () => false);
  }
}
