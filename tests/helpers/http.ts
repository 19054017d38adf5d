// A client that hides nothing: one connection, no pool, no retry, every way to fail has a name.
import { ByteReader } from "./byte_reader.ts";

/** The ways in which a request can fail. */
export const FAILURES = [
  "connect",
  "send",
  "closed_before_head",
  "bad_head",
  "truncated_body",
  "timeout",
] as const;

/** One of {@linkcode FAILURES}. */
export type FailureKind = (typeof FAILURES)[number];

/** A request failed for a reason that is not an answer. */
export class HttpFailure extends Error {
  override readonly name = "HttpFailure";

  constructor(readonly kind: FailureKind, detail: string, options?: ErrorOptions) {
    super(`${kind}: ${detail}`, options);
  }
}

/** What to ask for. */
export interface Ask {
  /** @default {"GET"} */
  method?: string;
  headers?: Record<string, string>;
  /** Sent with its `content-length`. */
  body?: Uint8Array | string;
  /** @default {20000} */
  timeoutMs?: number;
  /** Takes the body piece by piece; the answer then keeps only its length. */
  onChunk?: (chunk: Uint8Array) => unknown;
}

/** The status line and headers of an answer. */
export interface Head {
  status: number;
  headers: Headers;
}

/** A whole answer. */
export interface Answer extends Head {
  body: Uint8Array;
  /** Length of the body. */
  bytes: number;
  text: string;
}

/** One client connection to 127.0.0.1. */
export class HttpConnection implements Disposable {
  readonly #conn: Deno.TcpConn;
  readonly #port: number;
  readonly #reader: ByteReader;
  #bodyless = false;
  #timedOut = false;
  #closed = false;
  /** Answers that were read whole on this connection. */
  answered = 0;

  private constructor(conn: Deno.TcpConn, port: number) {
    this.#conn = conn;
    this.#port = port;
    this.#reader = new ByteReader(conn);
  }

  /** @throws {HttpFailure} When nobody listens. */
  static async connect(port: number): Promise<HttpConnection> {
    try {
      const conn = await Deno.connect({ hostname: "127.0.0.1", port });
      conn.setNoDelay(true);
      return new HttpConnection(conn, port);
    } catch (error) {
      throw new HttpFailure("connect", String(error), { cause: error });
    }
  }

  /** Whether the server has closed this idle connection (seen so far). */
  get ended(): boolean {
    return this.#closed || this.#reader.ended;
  }

  /** What broke it; empty: nothing has, or it was ended in order. */
  get brokenBy(): string {
    return this.#reader.lastError;
  }

  /** Whether the last answer allows another request. */
  reusable = true;

  /** One request and its whole answer. @throws {HttpFailure} */
  async ask(path: string, ask: Ask = {}): Promise<Answer> {
    return await this.within(ask.timeoutMs ?? 20_000, async () => {
      await this.send(path, ask);
      const head = await this.readHead();
      const parts: Uint8Array[] = [];
      let bytes = 0;
      for await (const chunk of this.body(head)) {
        bytes += chunk.length;
        if (ask.onChunk) await ask.onChunk(chunk);
        else parts.push(chunk);
      }
      this.#reader.watch();
      const body = concat(parts);
      return { ...head, body, bytes, text: new TextDecoder().decode(body) };
    });
  }

  /** Runs `work`; when it takes longer, the connection is cut and the failure is `timeout`. */
  async within<T>(ms: number, work: () => Promise<T>): Promise<T> {
    const timer = setTimeout(() => {
      this.#timedOut = true;
      this.close();
    }, ms);
    try {
      return await work();
    } catch (error) {
      if (this.#timedOut) throw new HttpFailure("timeout", `no answer in ${ms} ms`);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Sends a request whole. @throws {HttpFailure} */
  async send(path: string, { method = "GET", headers = {}, body }: Ask = {}): Promise<void> {
    const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
    const length = bytes === undefined ? {} : { "content-length": `${bytes.length}` };
    const all = { host: `127.0.0.1:${this.#port}`, ...length, ...headers };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join("");
    this.#bodyless = method === "HEAD";
    await this.write(new TextEncoder().encode(`${method} ${path} HTTP/1.1\r\n${lines}\r\n`));
    if (bytes !== undefined) await this.write(bytes);
  }

  /** Sends raw bytes. @throws {HttpFailure} */
  async write(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length;) at += await this.#conn.write(bytes.subarray(at));
    } catch (error) {
      throw new HttpFailure("send", String(error), { cause: error });
    }
  }

  /** Reads the head of the next final answer; interim ones are skipped. @throws {HttpFailure} */
  async readHead(): Promise<Head> {
    for (;;) {
      const head = parseHead(await this.#headLines());
      if (head.status >= 200 || head.status === 101) {
        this.reusable = head.headers.get("connection")?.toLowerCase() !== "close";
        return head;
      }
    }
  }

  /** The body in pieces as they come. @throws {HttpFailure} */
  async *body({ status, headers }: Head): AsyncGenerator<Uint8Array> {
    if (!this.#bodyless && status !== 204 && status !== 304) {
      const length = headers.get("content-length");
      if (headers.get("transfer-encoding") === "chunked") yield* this.#chunks();
      else if (length !== null) yield* this.#exactly(Number(length));
      else yield* this.#untilEnd();
    }
    this.answered++;
  }

  /** Raw bytes after a 101; null at the end. */
  read(): Promise<Uint8Array | null> {
    return this.#reader.some();
  }

  /** Closes at once; safe to call again. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#conn.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #headLines(): Promise<string[]> {
    const lines: string[] = [];
    for (;;) {
      const line = await this.#reader.line();
      if (line === null) {
        const kind = lines.length > 0 ? "bad_head" : "closed_before_head";
        throw new HttpFailure(kind, this.#reader.lastError || "end of connection");
      }
      if (line === "") return lines;
      lines.push(line);
    }
  }

  async *#exactly(length: number): AsyncGenerator<Uint8Array> {
    for (let left = length; left > 0;) {
      const chunk = await this.#reader.some(left);
      if (chunk === null) {
        const detail = `${left} of ${length} bytes missing ${this.#reader.lastError}`;
        throw new HttpFailure("truncated_body", detail);
      }
      left -= chunk.length;
      yield chunk;
    }
  }

  async *#chunks(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const size = parseInt(await this.#reader.line() ?? "", 16);
      if (Number.isNaN(size)) throw new HttpFailure("truncated_body", "no chunk size");
      yield* this.#exactly(size);
      if (await this.#reader.line() === null) throw new HttpFailure("truncated_body", "in a chunk");
      if (size === 0) return;
    }
  }

  async *#untilEnd(): AsyncGenerator<Uint8Array> {
    this.reusable = false;
    for (let chunk; (chunk = await this.#reader.some()) !== null;) yield chunk;
    if (this.#reader.lastError) throw new HttpFailure("truncated_body", this.#reader.lastError);
  }
}

/** One request on a connection of its own. @throws {HttpFailure} */
export async function ask(port: number, path: string, options: Ask = {}): Promise<Answer> {
  using connection = await HttpConnection.connect(port);
  const headers = { connection: "close", ...options.headers };
  return await connection.ask(path, { ...options, headers });
}

function parseHead([statusLine = "", ...lines]: string[]): Head {
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(statusLine)?.[1];
  if (status === undefined) throw new HttpFailure("bad_head", JSON.stringify(statusLine));
  const headers = new Headers();
  for (const line of lines) {
    const at = line.indexOf(":");
    headers.append(line.slice(0, at), line.slice(at + 1).trim());
  }
  return { status: Number(status), headers };
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
