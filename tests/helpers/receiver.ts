import type { Certificate } from "../../src/proxy/engine.ts";
import { inTime } from "./in_time.ts";

/** What somebody has sent. */
export interface Received {
  readonly path: string;
  readonly headers: Headers;
  readonly text: string;
}

/** How a request is answered; `hangs`: not before the end. */
export type Reply = Response | "hangs";

interface Waiter {
  readonly count: number;
  resolve(): void;
}

/** An HTTP server on loopback that keeps what it gets. */
export class Receiver implements AsyncDisposable {
  readonly received: Received[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #replies: Reply[] = [];
  readonly #waiters = new Set<Waiter>();
  readonly #end = Promise.withResolvers<void>();

  readonly #scheme: "http" | "https";

  /**
   * @param answer To all requests that {@linkcode Receiver.replies} says nothing about.
   * @param certificate With one it speaks TLS.
   */
  constructor(answer: () => Response = () => new Response("ok"), certificate?: Certificate) {
    this.#scheme = certificate === undefined ? "http" : "https";
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {}, ...certificate },
      async (request) => {
        const { pathname, search } = new URL(request.url);
        // Those of the request cannot be read any more when its connection is gone.
        const headers = new Headers(request.headers);
        const text = await request.text();
        this.received.push({ path: pathname + search, headers, text });
        for (const waiter of this.#waiters) {
          if (this.received.length >= waiter.count) waiter.resolve();
        }
        const reply = this.#replies.shift() ?? answer();
        if (reply !== "hangs") return reply;
        await this.#end.promise;
        return new Response();
      },
    );
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${this.#server.addr.port}`;
  }

  /** The answers to the next requests. */
  replies(...replies: Reply[]): void {
    this.#replies.push(...replies);
  }

  /** Resolves when so many requests have come. @throws {Error} When they do not in time. */
  async waitFor(count: number): Promise<void> {
    if (this.received.length >= count) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiters.add({ count, resolve });
    const soFar = () => this.received.map(({ path, text }) => `${path} ${text}`).join("\n");
    await inTime(`request ${count}`, promise, { soFar });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.resolve();
    await this.#server.shutdown();
  }
}
