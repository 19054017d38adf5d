import { pieces } from "../../platform/pieces.ts";
import { EngineUnreachableError } from "./engine_error.ts";
import { connectFailure } from "./outage.ts";
import { refusalOf } from "./refusal.ts";

/** An engine that does not answer a simple question in this time hangs. */
const ANSWER_MS = 120_000;

/** More than anything that is read as a whole. */
const MAX_BYTES = 32 * 1024 * 1024;

/** What an engine is asked. */
export interface Call {
  /** What for, after "Cannot": `start container app`. */
  readonly what: string;
  readonly method: "GET" | "POST" | "DELETE" | "HEAD";
  /** Without the version of the API. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /**
   * How long the answer may take, in milliseconds, of a stream its beginning; null: for ever.
   *
   * @default {120000, of a stream null}
   */
  readonly timeoutMs?: number | null;
}

/**
 * HTTP over the socket of an engine. One connection a call: nothing is ever sent twice, and nothing
 * is left open.
 */
export class Transport implements Disposable {
  readonly socket: string;
  readonly #client: Deno.HttpClient;
  #prefix = "";

  constructor(socket: string) {
    this.socket = socket;
    this.#client = Deno.createHttpClient({
      poolMaxIdlePerHost: 0,
      proxy: { transport: "unix", path: socket },
    });
  }

  /** Calls from now on are in this version of the API, for example `1.44`. */
  useVersion(version: string): void {
    this.#prefix = `/v${version}`;
  }

  /**
   * Asks and reads the whole answer; null when it is empty.
   *
   * @throws {EngineError} When the engine says no.
   * @throws {EngineUnreachableError} When it does not answer.
   * @throws The reason of the call's signal, when it aborts.
   */
  async ask(call: Call): Promise<unknown> {
    const { timeoutMs = ANSWER_MS } = call;
    using limit = new Limit(call, timeoutMs, this.socket);
    const response = await this.#send(call, limit.signal);
    const text = await this.#read(response, limit.signal);
    return parse(text, call.what, this.socket);
  }

  /**
   * Asks for an answer that is read as it comes; the beginning of it has a limit, the rest has not.
   *
   * @throws As {@linkcode Transport.ask}, also while the pieces are read.
   */
  async *stream(call: Call): AsyncGenerator<Uint8Array> {
    let response: Response;
    {
      using limit = new Limit(call, call.timeoutMs ?? null, this.socket);
      response = await this.#send(call, limit.signal);
    }
    if (response.body === null) return;
    try {
      yield* pieces(response.body, call.signal);
    } catch (error) {
      call.signal.throwIfAborted();
      throw this.#broken(error);
    }
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }

  /** The answer, if it is no refusal. */
  async #send(call: Call, signal: AbortSignal): Promise<Response> {
    const response = await this.#fetch(call, signal);
    // 304: it is as it should be already.
    if (response.ok || response.status === 304) return response;
    throw refusalOf(call.what, response.status, await this.#read(response, signal));
  }

  async #fetch(call: Call, signal: AbortSignal): Promise<Response> {
    signal.throwIfAborted();
    try {
      return await fetch(`http://localhost${this.#prefix}${call.path}${queryOf(call)}`, {
        client: this.#client,
        method: call.method,
        headers: {
          "accept-encoding": "identity",
          ...(call.body !== undefined && { "content-type": "application/json" }),
          ...call.headers,
        },
        body: call.body === undefined ? null : JSON.stringify(call.body),
        redirect: "manual",
        signal,
      });
    } catch (error) {
      signal.throwIfAborted();
      throw connectFailure(this.socket, error) ?? this.#broken(error);
    }
  }

  async #read(response: Response, signal: AbortSignal): Promise<string> {
    if (response.body === null) return "";
    const parts: Uint8Array<ArrayBuffer>[] = [];
    let length = 0;
    try {
      for await (const part of pieces(response.body, signal)) {
        length += part.length;
        if (length > MAX_BYTES) throw new RangeError(`it is longer than ${MAX_BYTES} bytes`);
        parts.push(new Uint8Array(part));
      }
    } catch (error) {
      signal.throwIfAborted();
      throw this.#broken(error);
    }
    return await new Blob(parts).text();
  }

  #broken(cause: unknown): EngineUnreachableError {
    const message = `the connection to the engine at ${this.socket} broke`;
    return new EngineUnreachableError(message, "broken", { cause });
  }
}

/** Ends a call when its own signal aborts, and when its time is up. */
class Limit implements Disposable {
  readonly #abandon = new AbortController();
  readonly #call: Call;
  readonly #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(call: Call, timeoutMs: number | null, socket: string) {
    call.signal.throwIfAborted();
    this.#call = call;
    call.signal.addEventListener("abort", this.#onAbort, { once: true });
    if (timeoutMs === null) return;
    const message = `no answer from the engine at ${socket} in ${timeoutMs / 1000}s`;
    const late = new EngineUnreachableError(`Cannot ${call.what}: ${message}`, "silent");
    this.#timer = setTimeout(() => this.#abandon.abort(late), timeoutMs);
  }

  get signal(): AbortSignal {
    return this.#abandon.signal;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#call.signal.removeEventListener("abort", this.#onAbort);
  }

  readonly #onAbort = () => this.#abandon.abort(this.#call.signal.reason);
}

function queryOf({ query = {} }: Call): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]]
  );
  return given.length === 0 ? "" : `?${new URLSearchParams(given)}`;
}

function parse(text: string, what: string, socket: string): unknown {
  // Podman sends a line break.
  if (text.trim() === "") return null;
  try {
    return JSON.parse(text);
  } catch (cause) {
    const message = `Cannot ${what}: what answers at ${socket} is no engine`;
    throw new EngineUnreachableError(message, "broken", { cause });
  }
}
