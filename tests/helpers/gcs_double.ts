import { createVerify, generateKeyPairSync } from "node:crypto";
import { type Content, contentOf } from "./s3_double.ts";

/** What the double was asked. */
export interface GcsDoubleRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Headers;
}

const KEYS = generateKeyPairSync("rsa", { modulusLength: 2048 });
const EMAIL = "deploy@project.iam.example";
const TOKEN_MS = 3600_000;

/** Generations are microseconds since 1970, in effect. */
const FIRST_GENERATION = 1_700_000_000_000_000;

/**
 * A double of the parts of Google Cloud that have to do with releases: lists, files and uploads of
 * its storage by the JSON API, tokens for accounts of services and for users, and the server that
 * tells a machine its token.
 */
export class GcsDouble implements AsyncDisposable {
  readonly requests: GcsDoubleRequest[] = [];
  /** Content by key; all of them are as old as {@linkcode createdAt} says. */
  readonly objects = new Map<string, Content>();
  /** Types of what was uploaded, by key. */
  readonly types = new Map<string, string | null>();
  /** Tokens that are taken; null: everybody may ask. */
  tokens: Set<string> | null = null;
  createdAt = new Date(0);
  pageSize = 1000;
  /** Milliseconds since 1970. */
  date: () => number = () => Date.now();
  /** Answered in place of everything else. */
  refusal: ((path: string) => Response | null) | null = null;
  /** Of what was uploaded, by key. */
  readonly #generations = new Map<string, number>();
  #uploads = 0;
  #handedOut = 0;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #path: string;

  constructor(bucket = "releases") {
    this.#path = `/storage/v1/b/${bucket}/o`;
    const at = { hostname: "127.0.0.1", port: 0, onListen() {} };
    this.#server = Deno.serve(at, (request) => this.#answer(request));
  }

  get host(): string {
    return `127.0.0.1:${this.#server.addr.port}`;
  }

  /** The file of an account that the double knows. */
  keyFile(): Record<string, string> {
    return {
      type: "service_account",
      client_email: EMAIL,
      private_key: KEYS.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
      token_uri: `http://${this.host}/token`,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname, search, searchParams } = new URL(request.url);
    const { method, headers } = request;
    this.requests.push({ method, path: pathname + search, headers });
    const body = await request.bytes();
    const refusal = this.refusal?.(pathname);
    if (refusal) return refusal;
    if (pathname === "/token") {
      return this.#exchange(new URLSearchParams(new TextDecoder().decode(body)));
    }
    if (pathname.startsWith("/computeMetadata/")) return this.#machine(headers);
    const token = (headers.get("authorization") ?? "").replace(/^Bearer /, "");
    if (this.tokens !== null && !this.tokens.has(token)) return failure(401);
    if (method === "POST" && pathname === `/upload${this.#path}`) {
      return this.#upload(searchParams, body, headers.get("content-type"));
    }
    if (pathname === this.#path) return this.#list(searchParams);
    if (!pathname.startsWith(`${this.#path}/`)) return failure(404);
    const key = decodeURIComponent(pathname.slice(this.#path.length + 1));
    if (method === "DELETE") {
      return this.objects.delete(key) ? new Response(null, { status: 204 }) : failure(404);
    }
    if (searchParams.get("alt") !== "media") return Response.json({ name: key });
    return this.#get(key, headers);
  }

  /** With the condition that the JSON API has for generations. */
  #upload(query: URLSearchParams, body: Uint8Array<ArrayBuffer>, type: string | null): Response {
    const name = query.get("name") ?? "";
    const wanted = query.get("ifGenerationMatch");
    if (wanted !== null && wanted !== this.#generationOf(name)) return failure(412);
    this.objects.set(name, contentOf(body));
    this.types.set(name, type);
    this.#generations.set(name, FIRST_GENERATION + ++this.#uploads);
    return Response.json({ name });
  }

  #generationOf(key: string): string {
    if (!this.objects.has(key)) return "0";
    return String(this.#generations.get(key) ?? FIRST_GENERATION);
  }

  #get(key: string, headers: Headers): Response {
    const content = this.objects.get(key);
    if (content === undefined) return failure(404);
    const from = Number(/^bytes=(\d+)-$/.exec(headers.get("range") ?? "")?.[1] ?? 0);
    if (from === 0) {
      return new Response(content, {
        headers: { etag: '"x"', "x-goog-generation": this.#generationOf(key) },
      });
    }
    if (from >= content.length) return failure(416);
    const range = `bytes ${from}-${content.length - 1}/${content.length}`;
    return new Response(content.slice(from), { status: 206, headers: { "content-range": range } });
  }

  #list(query: URLSearchParams): Response {
    const prefix = query.get("prefix") ?? "";
    const found = [...this.objects.keys()].filter((key) => key.startsWith(prefix)).map((key) => {
      const end = query.has("delimiter") ? key.indexOf("/", prefix.length) : -1;
      return end === -1 ? key : key.slice(0, end + 1);
    });
    const names = [...new Set(found)].sort();
    const from = Number(query.get("pageToken")?.replace("page ", "") ?? 0);
    const page = names.slice(from, from + this.pageSize);
    const next = from + this.pageSize;
    const items = page.filter((name) => this.objects.has(name));
    const prefixes = page.filter((name) => !this.objects.has(name));
    // As Google does, an empty list is left out.
    return Response.json({
      ...(items.length > 0 && { items: items.map((name) => this.#toJson(name)) }),
      ...(prefixes.length > 0 && { prefixes }),
      ...(next < names.length && { nextPageToken: `page ${next}` }),
    });
  }

  #toJson(name: string): Record<string, string> {
    const size = String(this.objects.get(name)?.length);
    return { name, size, timeCreated: this.createdAt.toISOString() };
  }

  #exchange(form: URLSearchParams): Response {
    const isUser = form.get("grant_type") === "refresh_token" &&
      form.get("refresh_token") === "refresh" && form.get("client_secret") === "client";
    if (isUser || this.#isAccount(form)) return this.#handOut();
    return Response.json(
      { error: "invalid_grant", error_description: "secret" },
      { status: 400 },
    );
  }

  #machine(headers: Headers): Response {
    return headers.get("metadata-flavor") === "Google" ? this.#handOut() : failure(403);
  }

  #handOut(): Response {
    const token = `ya29.secret${++this.#handedOut}`;
    this.tokens = new Set([token]);
    return Response.json({
      access_token: token,
      expires_in: TOKEN_MS / 1000,
      token_type: "Bearer",
    });
  }

  /** As Google judges: made in the past, good for an hour at most, for this server, signed. */
  #isAccount(form: URLSearchParams): boolean {
    if (form.get("grant_type") !== "urn:ietf:params:oauth:grant-type:jwt-bearer") return false;
    const [head = "", body = "", signature = ""] = (form.get("assertion") ?? "").split(".");
    const { iss, aud, iat, exp, scope } = JSON.parse(
      new TextDecoder().decode(fromBase64Url(body)),
    );
    const now = this.date() / 1000;
    return iss === EMAIL && aud === `http://${this.host}/token` && iat <= now && exp > now &&
      exp - iat <= 3600 && scope.includes("devstorage") &&
      createVerify("RSA-SHA256").update(`${head}.${body}`)
        .verify(KEYS.publicKey, fromBase64Url(signature));
  }
}

/** How Google refuses; the secret is what a careless server might repeat. */
function failure(status: number): Response {
  return Response.json({ error: { code: status, message: "secret" } }, { status });
}

function fromBase64Url(text: string): Uint8Array {
  return Uint8Array.fromBase64(text, { alphabet: "base64url" });
}
