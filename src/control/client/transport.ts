import { ConnectionLostError, NoAnswerError, NotRunningError } from "./errors.ts";
import { pieces } from "../../platform/pieces.ts";

/** Where a liveroll listens to commands. */
export type Address =
  | { readonly kind: "socket"; readonly path: string }
  | { readonly kind: "url"; readonly url: string; readonly token: string | null };

/** What goes over the wire. */
export interface Call {
  method: "GET" | "POST";
  /** With the query. */
  path: string;
  body?: unknown;
  signal?: AbortSignal | undefined;
}

/** An answer that was read to its end. */
export interface Answer {
  status: number;
  text: string;
}

const NO_ENTRY = 2;
const NO_PERMISSION = 13;
const RESET = 104;
const REFUSED = 111;

/** HTTP over a unix socket or TCP; one connection a call, so that nothing is ever sent twice. */
export class Transport implements Disposable {
  readonly #address: Address;
  readonly #client: Deno.HttpClient;

  constructor(address: Address) {
    this.#address = address;
    const alone = { poolMaxIdlePerHost: 0 };
    this.#client = Deno.createHttpClient(
      address.kind === "socket"
        ? { ...alone, proxy: { transport: "unix", path: address.path } }
        : alone,
    );
  }

  /** The socket or the address, for people. */
  get where(): string {
    return this.#address.kind === "socket" ? this.#address.path : this.#address.url;
  }

  /**
   * Asks and reads the whole answer.
   *
   * @throws {NotRunningError} When nobody listens.
   * @throws {ConnectionLostError} When the connection broke.
   * @throws {NoAnswerError} When `timeoutMs` have passed.
   * @throws The reason of the call's signal, when it aborts.
   */
  async ask(call: Call, timeoutMs: number): Promise<Answer> {
    const abandon = new AbortController();
    const timer = setTimeout(() => {
      abandon.abort(new NoAnswerError(`no answer from ${this.where} in ${timeoutMs / 1000}s`));
    }, timeoutMs);
    const onAbort = () => abandon.abort(call.signal?.reason);
    call.signal?.addEventListener("abort", onAbort, { once: true });
    try {
      call.signal?.throwIfAborted();
      const response = await this.#fetch(call, abandon.signal);
      return { status: response.status, text: await this.#read(response, abandon.signal) };
    } finally {
      clearTimeout(timer);
      call.signal?.removeEventListener("abort", onAbort);
    }
  }

  /**
   * Asks for an answer that may never end. Errors as {@linkcode Transport.ask}, without a limit.
   */
  async open(path: string, signal: AbortSignal): Promise<Response> {
    return await this.#fetch({ method: "GET", path }, signal);
  }

  async #fetch({ method, path, body }: Call, signal: AbortSignal): Promise<Response> {
    const base = this.#address.kind === "socket" ? "http://localhost" : this.#address.url;
    try {
      return await fetch(`${base}${path}`, {
        client: this.#client,
        method,
        headers: this.#headers(body !== undefined),
        body: body === undefined ? null : JSON.stringify(body),
        redirect: "manual",
        signal,
      });
    } catch (error) {
      signal.throwIfAborted();
      throw this.#explained(error);
    }
  }

  async #read(response: Response, signal: AbortSignal): Promise<string> {
    try {
      const parts = response.body === null ? [] : pieces(response.body, signal);
      return await new Blob(await Array.fromAsync(parts, (part) => new Uint8Array(part))).text();
    } catch (error) {
      signal.throwIfAborted();
      throw this.#explained(error);
    }
  }

  #headers(hasBody: boolean): Record<string, string> {
    const headers: Record<string, string> = {};
    if (hasBody) headers["content-type"] = "application/json";
    if (this.#address.kind === "url" && this.#address.token !== null) {
      headers["authorization"] = `Bearer ${this.#address.token}`;
    }
    return headers;
  }

  /** What `fetch` says is in a sentence of its cause only. */
  #explained(error: unknown): Error {
    const text = wholeMessage(error);
    if (!text.includes("(Connect)")) {
      return new ConnectionLostError(`the connection to ${this.where} broke`, { cause: error });
    }
    const number = Number(/\(os error (\d+)\)/.exec(text)?.[1]);
    if (number === NO_ENTRY) return new NotRunningError(this.where, "absent", error);
    // Reset while it connects: whoever listened has closed before accepting.
    if (number === REFUSED || number === RESET) {
      return new NotRunningError(this.where, "refused", error);
    }
    if (number === NO_PERMISSION) {
      const message = `Cannot use ${this.where}: permission denied; ask as root or as its user`;
      return new Deno.errors.PermissionDenied(message, { cause: error });
    }
    const detail = text.slice(text.indexOf("(Connect)") + "(Connect)".length).replace(/^: /, "");
    return new Error(`Cannot connect to ${this.where}: ${detail}`, { cause: error });
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }
}

function wholeMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined
    ? error.message
    : `${error.message}: ${wholeMessage(error.cause)}`;
}
