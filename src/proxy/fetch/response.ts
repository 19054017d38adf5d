import { abortable } from "@std/async/abortable";
import { connectionNames, isHopByHop } from "../forwarded.ts";
import { cuttable } from "./cuttable.ts";

/**
 * A body of at most this many bytes is sent in one piece once it is complete: twice as fast as a
 * stream, and an upstream that dies in the middle of it becomes a clean 502.
 */
const SMALL_BODY = 16 * 1024;

/** Statuses without a body (RFC 9110, 15), which `Response` insists on. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);

/** The backend's answer cannot be given to a client as it is. */
export class BadAnswerError extends Error {
  override readonly name = "BadAnswerError";
}

/** What shapes the client's response. */
export interface ResponseOptions {
  method: string;
  /** Ask the client to close its connection. */
  close: boolean;
  /** Ends the body when it aborts. */
  signal: AbortSignal;
  /** The backend's body could not be read to its end; must not reject. */
  onBroken(): Promise<void>;
  /** So many more bytes of the body go to the client. */
  onBytes(count: number): void;
}

/**
 * Makes the client's response of the backend's.
 *
 * @throws {BadAnswerError} When it makes no sense in HTTP/1.1.
 * @throws What reading a small body throws.
 */
export async function clientResponse(
  upstream: Response,
  options: ResponseOptions,
): Promise<Response> {
  const { status } = upstream;
  if (status < 200 || status > 599) throw new BadAnswerError(`Cannot pass on status ${status}`);
  const headers = clientHeaders(upstream.headers);
  if (options.close) headers.push(["connection", "close"]);
  return new Response(await clientBody(upstream, options), { status, headers });
}

function clientHeaders(headers: Headers): [string, string][] {
  const coding = headers.get("transfer-encoding");
  if (coding !== null && coding.toLowerCase() !== "chunked") {
    throw new BadAnswerError(`Cannot undo transfer coding ${coding}`);
  }
  const named = connectionNames(headers.get("connection"));
  const lines: [string, string][] = [];
  for (const line of headers) {
    if (isHopByHop(line[0], named)) continue;
    // Chunks win over a length (RFC 9112, 6.3); both together would be a contradiction.
    if (coding !== null && line[0] === "content-length") continue;
    lines.push(line);
  }
  return lines;
}

async function clientBody(
  upstream: Response,
  { method, signal, onBroken, onBytes }: ResponseOptions,
): Promise<Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>> | null> {
  const length = upstream.headers.get("content-length");
  if (BODILESS.has(upstream.status)) return null;
  // With a null body Deno would claim a length of 0 where the application named none.
  if (method === "HEAD") return length === null ? emptyStream() : null;
  if (!upstream.body) return null;
  const chunked = upstream.headers.has("transfer-encoding");
  if (!chunked && length !== null && Number(length) <= SMALL_BODY) {
    // A third faster than reading it ourselves. What is cut here is read on by nobody, but short.
    const body = await abortable(upstream.bytes(), signal);
    onBytes(body.length);
    return body;
  }
  return cuttable(upstream.body, signal, { onBroken, onBytes });
}

function emptyStream(): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({ start: (controller) => controller.close() });
}
