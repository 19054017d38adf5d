/** What the double was asked. */
export interface ImageDoubleRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly authorization: string | null;
  readonly body: string;
}

/** A double of an image registry that hands out tokens itself. */
export class ImageDouble implements AsyncDisposable {
  readonly requests: ImageDoubleRequest[] = [];
  tags: string[] = [];
  pageSize = 1000;
  /** Tokens that are taken; null: everybody may ask. */
  tokens: Set<string> | null = null;
  /** The value of `Authorization` that gets a token; null: whatever it is. */
  login: string | null = null;
  /** In place of the double's own. */
  challenge: string | null = null;
  /** What the token server says, besides the token. */
  tokenAnswer: Record<string, unknown> = { expires_in: 300 };
  /** Answered in place of everything else. */
  refusal: ((path: string) => Response | Promise<Response> | null) | null = null;
  #handedOut = 0;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    const at = { hostname: "127.0.0.1", port: 0, onListen() {} };
    this.#server = Deno.serve(at, (request) => this.#answer(request));
  }

  get host(): string {
    return `127.0.0.1:${this.#server.addr.port}`;
  }

  /** What was asked since the last time, in short. */
  asked(): string[] {
    return this.requests.splice(0).map(({ method, path }) => `${method} ${path}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname, search, searchParams } = new URL(request.url);
    const { method, headers } = request;
    const authorization = headers.get("authorization");
    const body = await request.text();
    this.requests.push({ method, path: pathname + search, authorization, body });
    const refusal = this.refusal?.(pathname);
    if (refusal) return refusal;
    if (pathname === "/token") return this.#handOut(authorization, body);
    if (this.tokens !== null && !this.tokens.has(authorization ?? "")) return this.#refuse();
    return this.#list(searchParams, pathname);
  }

  #handOut(authorization: string | null, body: string): Response {
    const isKnown = this.login === null || this.login === authorization || this.login === body;
    if (!isKnown) return new Response("secret", { status: 401 });
    const token = `secret${++this.#handedOut}`;
    this.tokens = new Set([`Bearer ${token}`]);
    return Response.json({ token, ...this.tokenAnswer });
  }

  #refuse(): Response {
    const own = `Bearer realm="http://${this.host}/token",service="double",` +
      `scope="repository:team/app:pull"`;
    const headers = { "www-authenticate": this.challenge ?? own };
    return Response.json({ errors: [{ code: "UNAUTHORIZED" }] }, { status: 401, headers });
  }

  #list(query: URLSearchParams, path: string): Response {
    const from = this.tags.indexOf(query.get("last") ?? "") + 1;
    const page = this.tags.slice(from, from + this.pageSize);
    const isMore = from + page.length < this.tags.length;
    const link = `<${path}?last=${page.at(-1)}&n=${this.pageSize}>; rel="next"`;
    return Response.json({ name: "team/app", tags: page }, { headers: isMore ? { link } : {} });
  }
}
