import type { BucketPage, ObjectVersion, VersionedBucket } from "../bucket/bucket.ts";
import { ask, askBytes, type HttpRequest, readBytes, readText } from "../http.ts";
import { type AssetBody, RegistryError } from "../registry.ts";
import type { Renewed } from "../renewed.ts";
import type { KeysForATime } from "./keys.ts";
import { readListPage } from "./list_page.ts";
import { sign } from "./signature.ts";

/** Where a bucket is, and who asks. */
export interface S3Options {
  /** For messages. */
  readonly name: string;
  /** Of the bucket, without a slash at its end. */
  readonly url: string;
  readonly region: string;
  readonly keys: Renewed<KeysForATime>;
  /** Milliseconds since 1970. */
  date(): number;
}

type Question = Pick<HttpRequest, "url" | "method" | "headers" | "body" | "allow" | "signal">;

const NOT_FOUND = 404;

/** Somebody else writes the same object at this moment. */
const CONFLICT = 409;

const PRECONDITION_FAILED = 412;

/** A bucket that speaks the protocol of Amazon S3. */
export class S3Bucket implements VersionedBucket {
  readonly noVersion = `"${"0".repeat(32)}"`;
  readonly #options: S3Options;

  constructor(options: S3Options) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  async list(prefix: string, from: string | null, signal: AbortSignal): Promise<BucketPage> {
    const query: [string, string][] = [["delimiter", "/"], ["list-type", "2"], ["prefix", prefix]];
    if (from !== null) query.unshift(["continuation-token", from]);
    const text = query.map(([key, value]) => `${key}=${encode(value)}`).join("&");
    const url = `${this.#options.url}?${text}`;
    const response = await this.#as({ url, signal }, ask);
    return readListPage(await readText(response), this.name);
  }

  async read(
    key: string,
    { offset, signal }: { offset: number; signal: AbortSignal },
  ): Promise<AssetBody> {
    return await this.#as(
      { url: this.#urlOf(key), signal },
      (request) => askBytes({ ...request, offset }),
    );
  }

  async write(key: string, text: string, signal: AbortSignal): Promise<void> {
    const headers = { "content-type": "text/plain" };
    await this.#answers({ url: this.#urlOf(key), method: "PUT", headers, body: text, signal });
  }

  async look(key: string, signal: AbortSignal): Promise<ObjectVersion | null> {
    const headers = { "accept-encoding": "identity" };
    const url = this.#urlOf(key);
    const response = await this.#as({ url, headers, allow: [NOT_FOUND], signal }, ask);
    if (response.ok) {
      const version = response.headers.get("etag") ?? "";
      return { bytes: await readBytes(response), version };
    }
    await response.body?.cancel();
    return null;
  }

  async put(key: string, bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<void> {
    await this.#answers({ url: this.#urlOf(key), method: "PUT", body: bytes, signal });
  }

  async putIf(
    key: string,
    bytes: Uint8Array<ArrayBuffer>,
    version: string | null,
    signal: AbortSignal,
  ): Promise<boolean> {
    const headers: Record<string, string> = version === null
      ? { "if-none-match": "*" }
      : { "if-match": version };
    const allow = [CONFLICT, PRECONDITION_FAILED];
    // What is gone has no version; without one, it is the bucket that is gone.
    if (version !== null) allow.push(NOT_FOUND);
    const url = this.#urlOf(key);
    return await this.#answers({ url, method: "PUT", headers, body: bytes, allow, signal });
  }

  /** Whether the answer is a yes. */
  async #answers(question: Question): Promise<boolean> {
    const response = await this.#as(question, ask);
    await response.body?.cancel();
    return response.ok;
  }

  async #as<T>(question: Question, work: (request: HttpRequest) => Promise<T>): Promise<T> {
    const { keys } = this.#options;
    try {
      return await work({
        ...question,
        ...await this.#sign(question),
        // A signature is for one host only.
        redirect: "manual",
        explain: readCode,
      });
    } catch (error) {
      // An end that came early is answered by 400, not by 401.
      const isOurFault = error instanceof RegistryError &&
        (error.kind === "unauthorized" || error.kind === "invalid");
      if (isOurFault) keys.forget();
      throw error;
    }
  }

  async #sign(question: Question): Promise<Pick<HttpRequest, "headers">> {
    const { keys } = await this.#options.keys.get(question.signal);
    if (keys === null) return { headers: question.headers ?? {} };
    const { region } = this.#options;
    const { method = "GET" } = question;
    const { headers } = await sign(keys, {
      ...question,
      method,
      region,
      date: this.#options.date(),
    });
    return { headers };
  }

  #urlOf(key: string): string {
    return `${this.#options.url}/${key.split("/").map(encode).join("/")}`;
  }
}

/** As signatures want it (RFC 3986): more than usual. */
function encode(text: string): string {
  const hex = (char: string) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(text).replace(/[!'()*]/g, hex);
}

/** The one word that says what is wrong, for example `NoSuchBucket`; the rest may be secret. */
function readCode(body: string): string | null {
  return /<Code>([A-Za-z0-9.]{1,64})<\/Code>/.exec(body)?.[1] ?? null;
}
