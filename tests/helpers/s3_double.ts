import { createHash, createHmac } from "node:crypto";

/** Keys that the double takes. */
export interface DoubleKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Bytes that are no text are kept as they are. */
export type Content = string | Uint8Array<ArrayBuffer>;

/** What the double was asked. */
export interface S3DoubleRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Headers;
}

/**
 * A double of a server that speaks the protocol of Amazon S3. It does what the real server of the
 * tests does not: it judges signatures, by code of its own, and sends lists in parts.
 */
export class S3Double implements AsyncDisposable {
  readonly requests: S3DoubleRequest[] = [];
  /** Content by key; all of them are as old as {@linkcode modifiedAt} says. */
  readonly objects = new Map<string, Content>();
  modifiedAt = new Date(0);
  keys: DoubleKeys | null = null;
  pageSize = 1000;
  /** Answered in place of everything else. */
  refusal: ((request: Request) => Response | null) | null = null;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #bucket: string;

  constructor(bucket = "releases") {
    this.#bucket = bucket;
    const at = { hostname: "127.0.0.1", port: 0, onListen() {} };
    this.#server = Deno.serve(at, (request) => this.#answer(request));
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const { method, headers } = request;
    this.requests.push({ method, path: url.pathname + url.search, headers });
    const body = await request.bytes();
    const refusal = this.refusal?.(request);
    if (refusal) return refusal;
    if (!this.#isSigned(request, body)) return failure(403, "SignatureDoesNotMatch");
    const [, bucket, ...rest] = url.pathname.split("/");
    if (bucket !== this.#bucket) return failure(404, "NoSuchBucket");
    const key = rest.map(decodeURIComponent).join("/");
    if (method === "PUT") return this.#put(key, body, headers);
    if (method === "DELETE") {
      this.objects.delete(key);
      return new Response(null, { status: 204 });
    }
    return key === "" ? this.#list(url.searchParams) : this.#get(key, headers);
  }

  /** Conditions as the guide of S3 has them: "Conditional writes". */
  #put(key: string, body: Uint8Array<ArrayBuffer>, headers: Headers): Response {
    const there = this.objects.get(key);
    const wanted = headers.get("if-match");
    if (wanted !== null && there === undefined) return failure(404, "NoSuchKey");
    const isRefused = headers.get("if-none-match") === "*" && there !== undefined ||
      wanted !== null && there !== undefined && wanted !== etagOf(there);
    if (isRefused) return failure(412, "PreconditionFailed");
    this.objects.set(key, contentOf(body));
    return new Response(null);
  }

  #get(key: string, headers: Headers): Response {
    const content = this.objects.get(key);
    if (content === undefined) return failure(404, "NoSuchKey");
    const from = Number(/^bytes=(\d+)-$/.exec(headers.get("range") ?? "")?.[1] ?? 0);
    if (from === 0) return new Response(content, { headers: { etag: etagOf(content) } });
    if (from >= content.length) return failure(416, "InvalidRange");
    const range = `bytes ${from}-${content.length - 1}/${content.length}`;
    return new Response(content.slice(from), { status: 206, headers: { "content-range": range } });
  }

  #list(query: URLSearchParams): Response {
    const prefix = query.get("prefix") ?? "";
    const delimiter = query.get("delimiter") ?? "";
    const found = [...this.objects.keys()].filter((key) => key.startsWith(prefix)).map((key) => {
      const end = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
      return end === -1 ? key : key.slice(0, end + 1);
    });
    const names = [...new Set(found)].sort();
    const from = Number(query.get("continuation-token")?.replace("token ", "") ?? 0);
    const page = names.slice(from, from + this.pageSize);
    const next = from + this.pageSize;
    const isCut = next < names.length;
    return xml(
      200,
      [
        `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name>`,
        `<Prefix>${escape(prefix)}</Prefix><KeyCount>${page.length}</KeyCount>`,
        `<IsTruncated>${isCut}</IsTruncated>`,
        isCut ? `<NextContinuationToken>token ${next}</NextContinuationToken>` : "",
        ...page.map((name) => this.#element(name)),
        `</ListBucketResult>`,
      ].join(""),
    );
  }

  #element(name: string): string {
    const content = this.objects.get(name);
    if (content === undefined) {
      return `<CommonPrefixes><Prefix>${escape(name)}</Prefix></CommonPrefixes>`;
    }
    return `<Contents><Key>${escape(name)}</Key><Size>${content.length}</Size>` +
      `<LastModified>${this.modifiedAt.toISOString()}</LastModified></Contents>`;
  }

  /** As AWS's "Signature Version 4" says, written down a second time. */
  #isSigned({ method, url, headers }: Request, body: Uint8Array): boolean {
    if (this.keys === null) return true;
    const { accessKeyId, secretAccessKey, sessionToken } = this.keys;
    const [, id, day = "", region = "", signedHeaders = "", signature] =
      /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=(\w+)$/
        .exec(headers.get("authorization") ?? "") ?? [];
    if (id !== accessKeyId) return false;
    if ((headers.get("x-amz-security-token") ?? undefined) !== sessionToken) return false;
    const { pathname, search, host } = new URL(url);
    const hash = createHash("sha256").update(body).digest("hex");
    if (headers.get("x-amz-content-sha256") !== hash) return false;
    const canonical = [
      method,
      pathname,
      search.slice(1).split("&").sort().join("&"),
      ...signedHeaders.split(";").map((name) =>
        `${name}:${name === "host" ? host : headers.get(name)}`
      ),
      "",
      signedHeaders,
      hash,
    ].join("\n");
    const text = [
      "AWS4-HMAC-SHA256",
      headers.get("x-amz-date"),
      `${day}/${region}/s3/aws4_request`,
      createHash("sha256").update(canonical).digest("hex"),
    ].join("\n");
    let key: string | Uint8Array = `AWS4${secretAccessKey}`;
    for (const part of [day, region, "s3", "aws4_request", text]) {
      key = createHmac("sha256", key).update(part).digest();
    }
    return (key as Uint8Array).toHex() === signature;
  }
}

/** How S3 refuses; the secrets are what a careless server might repeat. */
function failure(status: number, code: string): Response {
  return xml(status, `<Error><Code>${code}</Code><Message>secret</Message></Error>`);
}

function xml(status: number, text: string): Response {
  const headers = { "content-type": "application/xml" };
  return new Response(`<?xml version="1.0" encoding="UTF-8"?>\n${text}`, { status, headers });
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** As S3 has it for what is put in one piece. */
function etagOf(content: Content): string {
  return `"${createHash("md5").update(content).digest("hex")}"`;
}

/** Text where it is some: tests are easier to read. */
export function contentOf(bytes: Uint8Array<ArrayBuffer>): Content {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return bytes;
  }
}
