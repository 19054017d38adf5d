import type { BucketObject, BucketPage, ObjectVersion, VersionedBucket } from "../bucket/bucket.ts";
import { ask, askBytes, type HttpRequest, readBytes, readMembers } from "../http.ts";
import { type AssetBody, RegistryError } from "../registry.ts";
import type { Renewed } from "../renewed.ts";
import type { GoogleToken } from "./google_token.ts";

const PER_PAGE = "1000";

const NOT_FOUND = 404;
const PRECONDITION_FAILED = 412;

/** The generation of what is not there. */
const NO_GENERATION = "0";

/** Of an answer, what is not needed is not sent. */
const FIELDS = "nextPageToken,prefixes,items(name,size,timeCreated)";

const BYTES = "application/octet-stream";

/** What is put where. */
interface Upload {
  readonly key: string;
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly type: string;
  readonly condition?: { readonly ifGenerationMatch: string };
  readonly signal: AbortSignal;
}

/** Where a bucket is, and who asks. */
export interface GcsOptions {
  /** For messages. */
  readonly name: string;
  readonly bucket: string;
  /** Without a slash at its end, for example `https://storage.googleapis.com`. */
  readonly apiUrl: string;
  readonly token: Renewed<GoogleToken>;
}

/** A bucket of Google Cloud Storage, by its JSON API. */
export class GcsBucket implements VersionedBucket {
  readonly noVersion = "1";
  readonly #options: GcsOptions;
  readonly #path: string;

  constructor(options: GcsOptions) {
    this.#options = options;
    this.#path = `storage/v1/b/${encodeURIComponent(options.bucket)}/o`;
  }

  get name(): string {
    return this.#options.name;
  }

  async list(prefix: string, from: string | null, signal: AbortSignal): Promise<BucketPage> {
    const query = new URLSearchParams({
      prefix,
      delimiter: "/",
      maxResults: PER_PAGE,
      fields: FIELDS,
      ...(from !== null && { pageToken: from }),
    });
    const url = `${this.#options.apiUrl}/${this.#path}?${query}`;
    return readPage(await readMembers(await this.#as({ url, signal }, ask)));
  }

  async read(
    key: string,
    { offset, signal }: { offset: number; signal: AbortSignal },
  ): Promise<AssetBody> {
    const url = `${this.#urlOf(key)}?alt=media`;
    return await this.#as({ url, signal }, (request) => askBytes({ ...request, offset }));
  }

  async write(key: string, text: string, signal: AbortSignal): Promise<void> {
    await this.#upload({ key, body: text, type: "text/plain", signal });
  }

  async look(key: string, signal: AbortSignal): Promise<ObjectVersion | null> {
    const headers = { "accept-encoding": "identity" };
    const url = `${this.#urlOf(key)}?alt=media`;
    const response = await this.#as({ url, headers, allow: [NOT_FOUND], signal }, ask);
    if (response.ok) {
      const version = response.headers.get("x-goog-generation") ?? NO_GENERATION;
      return { bytes: await readBytes(response), version };
    }
    await response.body?.cancel();
    return null;
  }

  async put(key: string, bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<void> {
    await this.#upload({ key, body: bytes, type: BYTES, signal });
  }

  async putIf(
    key: string,
    bytes: Uint8Array<ArrayBuffer>,
    version: string | null,
    signal: AbortSignal,
  ): Promise<boolean> {
    const condition = { ifGenerationMatch: version ?? NO_GENERATION };
    return await this.#upload({ key, body: bytes, type: BYTES, condition, signal });
  }

  /** @returns False: the condition does not hold. */
  async #upload({ key, body, type, condition, signal }: Upload): Promise<boolean> {
    const query = new URLSearchParams({ uploadType: "media", name: key, ...condition });
    const response = await this.#as({
      url: `${this.#options.apiUrl}/upload/${this.#path}?${query}`,
      method: "POST",
      headers: { "content-type": type },
      body,
      allow: condition === undefined ? [] : [PRECONDITION_FAILED],
      signal,
    }, ask);
    await response.body?.cancel();
    return response.ok;
  }

  #urlOf(key: string): string {
    return `${this.#options.apiUrl}/${this.#path}/${encodeURIComponent(key)}`;
  }

  async #as<T>(
    question: HttpRequest,
    work: (request: HttpRequest) => Promise<T>,
  ): Promise<T> {
    const { token } = this.#options;
    const { text } = await token.get(question.signal);
    const who: Record<string, string> = text === null ? {} : { authorization: `Bearer ${text}` };
    const headers = { ...question.headers, ...who };
    try {
      return await work({ ...question, headers, redirect: "manual" });
    } catch (error) {
      if (error instanceof RegistryError && error.kind === "unauthorized") token.forget();
      throw error;
    }
  }
}

function readPage(
  { items, prefixes, nextPageToken }: Readonly<Record<string, unknown>>,
): BucketPage {
  const list: unknown[] = Array.isArray(items) ? items : [];
  const folders: unknown[] = Array.isArray(prefixes) ? prefixes : [];
  return {
    objects: list.flatMap(readObject),
    folders: folders.filter((folder) => typeof folder === "string"),
    next: typeof nextPageToken === "string" && nextPageToken !== "" ? nextPageToken : null,
  };
}

function readObject(value: unknown): BucketObject[] {
  const { name, size, timeCreated } = (value ?? {}) as Record<string, unknown>;
  if (typeof name !== "string") return [];
  const modifiedAt = typeof timeCreated === "string" ? Date.parse(timeCreated) : NaN;
  return [{
    key: name,
    // A number of 64 bits, as a text.
    size: typeof size === "string" && /^\d+$/.test(size) ? Number(size) : null,
    modifiedAt: Number.isNaN(modifiedAt) ? null : modifiedAt,
  }];
}
