/** Stands before a registry of images, and can keep those waiting who download. */
export class HeldRegistry implements AsyncDisposable {
  readonly #behind: string;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  #asked = Promise.withResolvers<void>();
  #gate: PromiseWithResolvers<void> | null = null;

  /** @param behind `HOST:PORT`. */
  constructor(behind: string) {
    this.#behind = behind;
    const place = { hostname: "127.0.0.1", port: 0, onListen() {} };
    this.#server = Deno.serve(place, (request) => this.#answer(request));
  }

  /** `HOST:PORT`. */
  get address(): string {
    return `127.0.0.1:${this.#server.addr.port}`;
  }

  /** From now on downloads of what images consist of wait. @returns Resolves when one does. */
  hold(): Promise<void> {
    this.#asked = Promise.withResolvers();
    this.#gate = Promise.withResolvers();
    return this.#asked.promise;
  }

  /** They go on. */
  release(): void {
    this.#gate?.resolve();
    this.#gate = null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.release();
    await this.#server.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    if (this.#gate !== null && request.method === "GET" && pathname.includes("/blobs/")) {
      this.#asked.resolve();
      await this.#gate.promise;
    }
    const headers = new Headers(request.headers);
    headers.delete("host");
    const url = `http://${this.#behind}${pathname}${search}`;
    return await fetch(url, { method: request.method, headers, redirect: "manual" });
  }
}
