import { inTime } from "./in_time.ts";

/** A request of the toy app that waits at `/latch` until the test lets it go on. */
export interface Held {
  /** The version that holds the request. */
  version: string;
  pid: number;
  /** Lets the app answer. */
  release(): void;
}

/**
 * Makes requests that are in flight for exactly as long as a test wants: `/latch?port=` connects
 * here when the request has reached the app, and answers when it is released.
 */
export class Latch implements Disposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #held = new Set<Deno.Conn>();

  /** The path to ask for; with `head`, the answer begins before the wait. */
  path({ head = false }: { head?: boolean } = {}): string {
    return `/latch?port=${this.#listener.addr.port}${head ? "&head=1" : ""}`;
  }

  /** The path of a stream of events that go on until it is released. */
  events(): string {
    return `/sse?every=20&port=${this.#listener.addr.port}`;
  }

  /** Resolves when the next request has arrived in the app. @throws When none comes in time. */
  async arrival(): Promise<Held> {
    const soFar = () => `${this.#held.size} are held`;
    const conn = await inTime("a request arrive", this.#listener.accept(), { soFar });
    this.#held.add(conn);
    const bytes = new Uint8Array(200);
    const length = await conn.read(bytes) ?? 0;
    const [version = "", pid] = new TextDecoder().decode(bytes.subarray(0, length)).split(" ");
    return { version, pid: Number(pid), release: () => this.#drop(conn) };
  }

  /** Resolves when `count` requests have arrived. */
  async arrivals(count: number): Promise<Held[]> {
    const held: Held[] = [];
    while (held.length < count) held.push(await this.arrival());
    return held;
  }

  [Symbol.dispose](): void {
    for (const conn of this.#held) this.#drop(conn);
    this.#listener.close();
  }

  // The end of the connection counts as the byte that releases.
  #drop(conn: Deno.Conn): void {
    if (this.#held.delete(conn)) conn.close();
  }
}
