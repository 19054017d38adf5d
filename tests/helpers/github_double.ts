import { createHash, createVerify } from "node:crypto";

/** A file of a release of the double. */
export interface DoubleAsset {
  readonly name: string;
  readonly content: string;
  /** @default {"uploaded"} */
  readonly state?: "uploaded" | "starter";
  readonly digest?: string;
}

/** A release of the double. */
export interface DoubleRelease {
  readonly tag: string;
  readonly draft?: boolean;
  readonly publishedAt?: string;
  readonly assets: DoubleAsset[];
}

/** What the double was asked. */
export interface DoubleRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Headers;
  readonly status: number;
}

/** An app that may ask the double for tokens. */
export interface DoubleApp {
  readonly id: string;
  readonly installationId: string;
  readonly publicKey: string;
  /** How long its tokens live, by the double's clock. */
  readonly tokenLifeMs: number;
}

/**
 * A double of the part of GitHub's REST API that has to do with releases: pages with `Link`, ETags,
 * limits, drafts, uploads, tokens of apps, and files that lie on another server.
 */
export class GitHubDouble implements AsyncDisposable {
  readonly requests: DoubleRequest[] = [];
  /** What the server where files lie was asked. */
  readonly storageRequests: DoubleRequest[] = [];
  readonly releases: DoubleRelease[] = [];
  /** Tokens that are taken; empty: everybody may ask. */
  readonly tokens = new Set<string>();
  app: DoubleApp | null = null;
  /** Milliseconds since 1970. */
  date: () => number = () => Date.now();
  /** Answered in place of everything else. */
  refusal: ((path: string) => Response | null) | null = null;
  /** Files come from the API itself, as GitHub Enterprise may send them. */
  isDirect = false;
  /** How many releases are on a page, whatever is asked for. */
  perPage: number | null = null;
  readonly #api: Deno.HttpServer<Deno.NetAddr>;
  readonly #storage: Deno.HttpServer<Deno.NetAddr>;
  readonly #path: string;

  /** @param repo `OWNER/REPO`. */
  constructor(repo = "owner/app") {
    this.#path = `/repos/${repo}/releases`;
    const at = { hostname: "127.0.0.1", port: 0, onListen() {} };
    this.#api = Deno.serve(
      at,
      (request) => this.#note(this.requests, request, () => this.#answer(request)),
    );
    this.#storage = Deno.serve(
      at,
      (request) => this.#note(this.storageRequests, request, () => this.#bytes(request)),
    );
  }

  get url(): string {
    return `http://127.0.0.1:${this.#api.addr.port}`;
  }

  /** Puts a release before all others, as GitHub lists them. */
  publish(tag: string, files: Record<string, string> = {}): DoubleRelease {
    const assets = Object.entries(files).map(([name, content]) => ({ name, content }));
    const release = { tag, assets, publishedAt: "2026-01-02T03:04:05Z" };
    this.releases.unshift(release);
    return release;
  }

  /** What the API was asked since the last time, and what it answered. */
  asked(): string[] {
    return this.requests.splice(0).map(({ method, path, status }) => `${method} ${path} ${status}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#api.shutdown(), this.#storage.shutdown()]);
  }

  async #note(
    requests: DoubleRequest[],
    request: Request,
    answer: () => Response | Promise<Response>,
  ): Promise<Response> {
    const response = await answer();
    const { pathname, search } = new URL(request.url);
    const { method, headers } = request;
    requests.push({ method, path: pathname + search, headers, status: response.status });
    return response;
  }

  #answer(request: Request): Response | Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const refusal = this.refusal?.(pathname);
    if (refusal) return refusal;
    const installation = /^\/app\/installations\/([^/]+)\/access_tokens$/.exec(pathname)?.[1];
    if (installation !== undefined) return this.#token(request, installation);
    if (!this.#isAllowed(request)) {
      return Response.json({ message: "Bad credentials" }, { status: 401 });
    }
    if (pathname === this.#path) return this.#list(request, searchParams);
    const rest = pathname.slice(this.#path.length + 1).split("/");
    if (rest[0] === "tags") return this.#byTag(decodeURIComponent(rest[1] ?? ""));
    if (rest[0] === "assets") return this.#asset(request, decodeURIComponent(rest[1] ?? ""));
    if (rest[1] === "assets") return this.#upload(request, decodeURIComponent(rest[0] ?? ""));
    return Response.json({ message: "Not Found" }, { status: 404 });
  }

  #isAllowed({ headers }: Request): boolean {
    if (this.tokens.size === 0 && this.app === null) return true;
    return this.tokens.has((headers.get("authorization") ?? "").replace(/^Bearer /, ""));
  }

  async #list(request: Request, query: URLSearchParams): Promise<Response> {
    const perPage = this.perPage ?? Number(query.get("per_page") ?? 30);
    const page = Number(query.get("page") ?? 1);
    const list = this.releases.slice((page - 1) * perPage, page * perPage).map((each) =>
      this.#toJson(each)
    );
    const last = Math.max(1, Math.ceil(this.releases.length / perPage));
    const url = (to: number, rel: string) =>
      `<${this.url}${this.#path}?per_page=${query.get("per_page")}&page=${to}>; rel="${rel}"`;
    const links = page < last ? [url(page + 1, "next"), url(last, "last")] : [url(1, "first")];
    const body = JSON.stringify(list);
    const etag = `W/"${createHash("sha256").update(body).digest("hex")}"`;
    const headers = { etag, ...(last > 1 && { link: links.join(", ") }) };
    await request.body?.cancel();
    if (request.headers.get("if-none-match") === etag) {
      return new Response(null, { status: 304, headers });
    }
    return new Response(body, { headers: { ...headers, "content-type": "application/json" } });
  }

  #byTag(tag: string): Response {
    const release = this.releases.find((each) => each.tag === tag && !each.draft);
    if (release === undefined) return Response.json({ message: "Not Found" }, { status: 404 });
    return Response.json(this.#toJson(release));
  }

  #toJson({ tag, draft = false, publishedAt, assets }: DoubleRelease): Record<string, unknown> {
    const base = `${this.url}${this.#path}`;
    return {
      tag_name: tag,
      draft,
      prerelease: false,
      published_at: draft ? null : publishedAt ?? null,
      upload_url: `${base}/${encodeURIComponent(tag)}/assets{?name,label}`,
      assets: assets.map(({ name, content, state = "uploaded", digest }) => ({
        name,
        state,
        size: content.length,
        digest: digest ?? null,
        url: `${base}/assets/${encodeURIComponent(`${tag}|${name}`)}`,
      })),
    };
  }

  #asset(request: Request, id: string): Response {
    if (request.headers.get("accept") !== "application/octet-stream") {
      return Response.json({ id, message: "this is no file" });
    }
    if (this.isDirect) return this.#file(request, id);
    const location = new URL(`http://127.0.0.1:${this.#storage.addr.port}/file`);
    location.searchParams.set("id", id);
    location.searchParams.set("signature", "signed-secret");
    return new Response(null, { status: 302, headers: { location: location.href } });
  }

  #bytes(request: Request): Response {
    const { searchParams } = new URL(request.url);
    if (searchParams.get("signature") !== "signed-secret") return new Response("", { status: 403 });
    return this.#file(request, searchParams.get("id") ?? "");
  }

  #file(request: Request, id: string): Response {
    const [tag, name] = id.split("|");
    const release = this.releases.find((each) => each.tag === tag);
    const content = release?.assets.find((asset) => asset.name === name)?.content;
    if (content === undefined) return new Response("", { status: 404 });
    const headers = { etag: `"${id.length}-${content.length}"` };
    const from = /^bytes=(\d+)-$/.exec(request.headers.get("range") ?? "")?.[1];
    if (from === undefined) return new Response(content, { headers });
    if (Number(from) >= content.length) return new Response(null, { status: 416, headers });
    return new Response(content.slice(Number(from)), {
      status: 206,
      headers: {
        ...headers,
        "content-range": `bytes ${from}-${content.length - 1}/${content.length}`,
      },
    });
  }

  async #upload(request: Request, tag: string): Promise<Response> {
    const name = new URL(request.url).searchParams.get("name") ?? "";
    const content = await request.text();
    const release = this.releases.find((each) => each.tag === tag);
    if (release === undefined) return Response.json({ message: "Not Found" }, { status: 404 });
    if (release.assets.some((asset) => asset.name === name)) {
      const errors = [{ resource: "ReleaseAsset", code: "already_exists", field: "name" }];
      return Response.json({ message: "Validation Failed", errors }, { status: 422 });
    }
    release.assets.push({ name, content });
    return Response.json({ name, state: "uploaded" }, { status: 201 });
  }

  #token({ headers }: Request, installation: string): Response {
    const jwt = (headers.get("authorization") ?? "").replace(/^Bearer /, "");
    if (this.app === null || installation !== this.app.installationId || !this.#isFromApp(jwt)) {
      return Response.json({ message: "A JSON web token could not be decoded" }, { status: 401 });
    }
    const token = `ghs_secret${this.tokens.size}`;
    this.tokens.clear();
    this.tokens.add(token);
    const ends = new Date(this.date() + this.app.tokenLifeMs);
    return Response.json({ token, expires_at: ends.toISOString() }, { status: 201 });
  }

  /** As GitHub judges: made in the past, ending within ten minutes, signed by the app. */
  #isFromApp(jwt: string): boolean {
    const [head = "", body = "", signature = ""] = jwt.split(".");
    const { alg } = JSON.parse(new TextDecoder().decode(fromBase64Url(head)));
    const { iat, exp, iss } = JSON.parse(new TextDecoder().decode(fromBase64Url(body)));
    const now = this.date() / 1000;
    const isInTime = iat <= now && exp > now && exp - now <= 600 && exp - iat <= 660;
    const verify = createVerify("RSA-SHA256").update(`${head}.${body}`);
    return alg === "RS256" && iss === this.app?.id && isInTime &&
      verify.verify(this.app?.publicKey ?? "", fromBase64Url(signature));
  }
}

function fromBase64Url(text: string): Uint8Array {
  return Uint8Array.fromBase64(text, { alphabet: "base64url" });
}
