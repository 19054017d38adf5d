import { ReplayBody, type ReplayBodyEvents } from "../replay_body.ts";

/** What a request carries. */
export type RequestBody =
  | { kind: "none" }
  /** `length`: as declared, null for a body in chunks. */
  | { kind: "body"; body: ReplayBody; length: number | null }
  | { kind: "refused"; status: number; detail: string };

/** Types of `fetch`'s body that we use. */
export type FetchBody = ReadableStream<Uint8Array<ArrayBuffer>> | Blob | Uint8Array<ArrayBuffer>;

const NONE: RequestBody = { kind: "none" };
const EMPTY = new Uint8Array(0);

/** A stream that `fetch` sends with a length instead of in chunks: it asks only blobs for one. */
class SizedStream extends Blob {
  #stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  #size: number;

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>, size: number) {
    super();
    this.#stream = stream;
    this.#size = size;
  }

  override get size(): number {
    return this.#size;
  }

  override stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return this.#stream;
  }
}

/** Whether the head announces a body. */
export function announcesBody(headers: Headers): boolean {
  const length = headers.get("content-length");
  return headers.has("transfer-encoding") || (length !== null && length !== "0");
}

/** Finds out what the request carries; `events` tell when it has arrived. */
export async function readRequestBody(
  request: Request,
  events: ReplayBodyEvents,
): Promise<RequestBody> {
  const { method, headers } = request;
  const announced = announcesBody(headers);
  if (method === "GET" || method === "HEAD") {
    // Deno's server and client both hide it; sending the request without it would change it.
    return announced
      ? {
        kind: "refused",
        status: 501,
        detail: `A ${method} request with a body cannot be passed on.`,
      }
      : NONE;
  }
  const length = headers.get("content-length");
  if (length !== null && !/^\d+$/.test(length)) {
    return { kind: "refused", status: 400, detail: "The Content-Length header is invalid." };
  }
  if (!request.body || length === "0") return NONE;
  const body = new ReplayBody(request.body, events);
  if (announced) return { kind: "body", body, length: length === null ? null : Number(length) };
  // HTTP/1.1 has no body then, HTTP/2 may have one.
  if (await body.isEmpty()) return NONE;
  return { kind: "body", body, length: null };
}

/** The body for one call of `fetch`; for `onWait` see {@linkcode ReplayBody.stream}. */
export function fetchBody(
  request: Request,
  body: RequestBody,
  onWait: (waiting: boolean) => void,
): FetchBody | null {
  if (body.kind === "body") {
    const stream = body.body.stream(onWait);
    return body.length === null ? stream : new SizedStream(stream, body.length);
  }
  return request.headers.get("content-length") === "0" && !isBodiless(request.method)
    ? EMPTY
    : null;
}

function isBodiless(method: string): boolean {
  return method === "GET" || method === "HEAD";
}
