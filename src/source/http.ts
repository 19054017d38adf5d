import { refusal } from "./http_refusal.ts";
import { redirectTarget } from "./redirect_target.ts";
import { type AssetBody, RegistryError } from "./registry.ts";
import { withoutQuery } from "./without_query.ts";

export { withoutQuery };

/** A server that says nothing for so long is down. */
const ANSWER_MS = 30_000;

/** An answer that is read as a whole has come by then. */
const READ_MS = 60_000;

/** Answers that are read as a whole may be so long. */
const MAX_TEXT_BYTES = 10 * 1024 * 1024;

const MAX_HOPS = 5;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

/** With these, a request is repeated as it was (RFC 9110, 15.4.8 and 15.4.9). */
const FAITHFUL_REDIRECTS: readonly number[] = [307, 308];

/** Headers that another server may see, too. */
const PUBLIC_HEADERS: readonly string[] = ["accept", "accept-encoding", "range", "user-agent"];

/** How a registry is asked. */
export interface HttpRequest {
  readonly url: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  /**
   * Another server than the one that was asked gets no header that could tell who asks.
   *
   * @default {"follow"}
   */
  readonly redirect?: "follow" | "manual";
  /** Statuses that are no errors, besides 2xx. */
  readonly allow?: readonly number[];
  readonly signal: AbortSignal;
  /** How long the beginning of the answer may take. @default {30000} */
  readonly answerMs?: number;
  /** What the body of a refusal says, for messages: no secrets, a few words; null: nothing. */
  readonly explain?: (body: string) => string | null;
}

/**
 * Asks a registry over HTTP; what is not an answer to use is a {@linkcode RegistryError} with a
 * message that holds neither query nor header, as these may be secret.
 *
 * @throws {RegistryError}
 * @throws The reason of `signal`, when it aborts.
 */
export async function ask(request: HttpRequest): Promise<Response> {
  const { url, method = "GET", allow = [], signal, answerMs = ANSWER_MS, explain } = request;
  signal.throwIfAborted();
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), answerMs);
  const what = `${method} ${withoutQuery(url)}`;
  try {
    const response = await send(request, AbortSignal.any([signal, late.signal]));
    if (response.ok || allow.includes(response.status)) return response;
    throw await refusal(what, response, explain);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof RegistryError) throw error;
    const why = late.signal.aborted ? `no answer in ${answerMs / 1000} s` : withoutSecrets(error);
    throw new RegistryError("unreachable", `Cannot ${what}: ${why}`);
  } finally {
    clearTimeout(timer);
  }
}

/** The whole answer. @throws {RegistryError} When it is too long, too slow or breaks off. */
export async function readText(
  response: Response,
  options: { maxBytes?: number; readMs?: number } = {},
): Promise<string> {
  return new TextDecoder().decode(await readBytes(response, options));
}

/** The whole answer. @throws {RegistryError} When it is too long, too slow or breaks off. */
export async function readBytes(
  response: Response,
  { maxBytes = MAX_TEXT_BYTES, readMs = READ_MS } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const reader = response.body?.getReader();
  const what = `Cannot read ${withoutQuery(response.url)}`;
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    reader?.cancel().catch(() => {});
  }, readMs);
  try {
    for (let length = 0, part = await reader?.read(); part?.value; part = await reader?.read()) {
      length += part.value.length;
      if (length > maxBytes) {
        throw new RegistryError("invalid", `${what}: it is longer than ${maxBytes} bytes`);
      }
      parts.push(part.value);
    }
    if (isLate) throw new Error(`it took more than ${readMs / 1000} s`);
  } catch (error) {
    reader?.cancel().catch(() => {});
    if (error instanceof RegistryError) throw error;
    throw new RegistryError("unreachable", `${what}: ${withoutSecrets(error)}`);
  } finally {
    clearTimeout(timer);
  }
  return await new Blob(parts).bytes();
}

/** The answer as JSON. @throws {RegistryError} When it is none. */
export async function readJson(response: Response): Promise<unknown> {
  const text = await readText(response);
  try {
    return JSON.parse(text);
  } catch {
    throw new RegistryError("invalid", `${withoutQuery(response.url)} is no JSON`);
  }
}

/** The members of an answer that is a JSON object. @throws {RegistryError} When it is none. */
export async function readMembers(response: Response): Promise<Readonly<Record<string, unknown>>> {
  const value = await readJson(response);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new RegistryError("invalid", `${withoutQuery(response.url)} is no JSON object`);
}

/** Bytes from `offset` on, or from the beginning when the server cannot do that. */
export async function askBytes(
  request: HttpRequest & { readonly offset: number },
): Promise<AssetBody> {
  const { offset, headers = {}, allow = [] } = request;
  const range = offset > 0 ? { range: `bytes=${offset}-` } : {};
  const response = await ask({
    ...request,
    // Packed on the way, bytes could neither be counted nor resumed.
    headers: { ...headers, ...range, "accept-encoding": "identity" },
    allow: offset > 0 ? [...allow, 416] : allow,
  });
  if (response.status === 416) {
    await response.body?.cancel();
    return await askBytes({ ...request, offset: 0 });
  }
  return await toAssetBody(response, offset);
}

/** Asks, and asks again wherever the answer points to. */
async function send(request: HttpRequest, signal: AbortSignal): Promise<Response> {
  const { method = "GET", body, redirect = "follow" } = request;
  let { url, headers = {} } = request;
  for (let hops = 0; hops <= MAX_HOPS; hops++) {
    const response = await fetch(url, {
      method,
      headers: toHeaders(url, headers),
      redirect: "manual",
      signal,
      ...(body !== undefined && { body }),
    });
    const location = REDIRECTS.includes(response.status) ? response.headers.get("location") : null;
    if (location === null || redirect === "manual") return response;
    await response.body?.cancel();
    const next = redirectTarget(url, location);
    const isElsewhere = next.origin !== new URL(url).origin;
    if (method !== "GET" && (isElsewhere || !FAITHFUL_REDIRECTS.includes(response.status))) {
      throw new RegistryError("invalid", `Cannot ${method} ${withoutQuery(url)}: it moved away`);
    }
    if (isElsewhere) headers = onlyPublic(headers);
    url = next.href;
  }
  throw new RegistryError("invalid", `Cannot GET ${withoutQuery(request.url)}: it runs in circles`);
}

function onlyPublic(headers: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(headers);
  return Object.fromEntries(
    entries.filter(([name]) => PUBLIC_HEADERS.includes(name.toLowerCase())),
  );
}

/** What the runtime says of a value that cannot be a header would hold that value. */
function toHeaders(url: string, headers: Readonly<Record<string, string>>): Headers {
  const result = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    try {
      result.set(name, value);
    } catch {
      const what = `Cannot ask ${withoutQuery(url)}`;
      throw new RegistryError("invalid", `${what}: what is given for ${name} cannot be sent`);
    }
  }
  return result;
}

async function toAssetBody(response: Response, offset: number): Promise<AssetBody> {
  const { headers, status } = response;
  const range = /^bytes (\d+)-\d*\/(\d+|\*)$/.exec(headers.get("content-range") ?? "");
  if (status === 206 && Number(range?.[1]) !== offset) {
    await response.body?.cancel();
    const what = `Cannot use ${withoutQuery(response.url)}`;
    throw new RegistryError("invalid", `${what}: it sent other bytes than those from ${offset} on`);
  }
  return {
    body: response.body ?? new ReadableStream({ start: (stream) => stream.close() }),
    offset: status === 206 ? offset : 0,
    totalBytes: status === 206 ? toNumber(range?.[2]) : contentLength(headers),
    etag: headers.get("etag") ?? headers.get("last-modified"),
  };
}

function contentLength(headers: Headers): number | null {
  // Unpacked on the way, it says nothing of what arrives.
  if ((headers.get("content-encoding") ?? "identity") !== "identity") return null;
  return toNumber(headers.get("content-length"));
}

function toNumber(text: string | null | undefined): number | null {
  return /^\d+$/.test(text ?? "") ? Number(text) : null;
}

function withoutSecrets(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/https?:\/\/[^\s)"']+/g, withoutQuery);
}
