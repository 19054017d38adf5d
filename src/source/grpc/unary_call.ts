import { type ClientHttp2Session, type ClientHttp2Stream, connect } from "node:http2";
import { RegistryError } from "../registry.ts";
import { checkStatus, type Metadata } from "./status.ts";

/** Flag and length of a message. */
const PREFIX_BYTES = 5;

/** More than any of our messages has. */
const MAX_BYTES = 1024 * 1024;

/** A server that has not answered by then is down. */
const DEADLINE_MS = 30_000;

/** One call with one message there and one back. */
export interface UnaryCall {
  /** `http://HOST:PORT`, or with TLS `https://HOST:PORT`. */
  readonly server: string;
  /** `/package.Service/Method` */
  readonly path: string;
  readonly message: Uint8Array<ArrayBuffer>;
  readonly signal: AbortSignal;
  /** @default {30000} */
  readonly deadlineMs?: number;
}

/** What came back, as it came. */
interface Answer {
  headers: Metadata;
  trailers: Metadata;
  body: Uint8Array<ArrayBuffer>;
}

/**
 * Calls a method by gRPC, on a connection of its own: calls are rare.
 *
 * @throws {RegistryError}
 * @throws The reason of `signal`, when it aborts.
 */
export async function callUnary(call: UnaryCall): Promise<Uint8Array<ArrayBuffer>> {
  const { server, path, signal, deadlineMs = DEADLINE_MS } = call;
  signal.throwIfAborted();
  const what = `call ${path} of ${new URL(server).host}`;
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), deadlineMs);
  try {
    const { headers, trailers, body } = await exchange(
      call,
      deadlineMs,
      AbortSignal.any([signal, late.signal]),
    );
    checkStatus(what, headers, trailers);
    return unwrap(what, body);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof RegistryError) throw error;
    const why = late.signal.aborted ? `no answer in ${deadlineMs / 1000} s` : words(error);
    throw new RegistryError("unreachable", `Cannot ${what}: ${why}`);
  } finally {
    clearTimeout(timer);
  }
}

async function exchange(
  { server, path, message }: UnaryCall,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<Answer> {
  const session = connect(server);
  const closed = new Promise<void>((resolve) => session.once("close", () => resolve()));
  try {
    return await new Promise<Answer>((resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      // Also after the first error: one that nobody hears would end the process.
      session.on("error", reject);
      session.once("close", () => reject(new Error("the connection was closed")));
      const stream = session.request({
        ":method": "POST",
        ":path": path,
        "content-type": "application/grpc",
        te: "trailers",
        "grpc-timeout": `${deadlineMs}m`,
        "user-agent": "liveroll",
      });
      stream.on("error", reject);
      collect(stream, resolve, reject);
      stream.end(wrap(message));
    });
  } finally {
    await end(session, closed);
  }
}

function collect(
  stream: ClientHttp2Stream,
  resolve: (answer: Answer) => void,
  reject: (error: unknown) => void,
): void {
  const answer: Answer = { headers: {}, trailers: {}, body: new Uint8Array() };
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  stream.on("response", (headers) => answer.headers = headers);
  stream.on("trailers", (trailers) => answer.trailers = trailers);
  stream.on("data", (part: Uint8Array<ArrayBuffer>) => {
    length += part.length;
    parts.push(part);
    if (length > MAX_BYTES + PREFIX_BYTES) {
      reject(new RegistryError("invalid", `Cannot use an answer of more than ${MAX_BYTES} bytes`));
    }
  });
  stream.on("close", () => {
    const body = new Uint8Array(length);
    for (let at = 0, i = 0; i < parts.length; at += parts[i++]!.length) body.set(parts[i]!, at);
    resolve({ ...answer, body });
  });
}

async function end(session: ClientHttp2Session, closed: Promise<void>): Promise<void> {
  if (!session.destroyed) session.destroy();
  await closed;
}

function wrap(message: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const body = new Uint8Array(PREFIX_BYTES + message.length);
  new DataView(body.buffer).setUint32(1, message.length);
  body.set(message, PREFIX_BYTES);
  return body;
}

function unwrap(what: string, body: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const isWhole = body.length >= PREFIX_BYTES &&
    new DataView(body.buffer).getUint32(1) === body.length - PREFIX_BYTES;
  // Nobody was told that we can unpack.
  if (isWhole && body[0] === 0) return body.slice(PREFIX_BYTES);
  throw new RegistryError("invalid", `Cannot ${what}: its answer is not one message`);
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
