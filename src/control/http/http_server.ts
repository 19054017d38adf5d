import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Clock } from "../../platform/clock.ts";
import type { ByteStream } from "../../proxy/net/stream.ts";
import { Problem } from "../problem.ts";
import { Connection, type Phase } from "./connection.ts";
import { requestOf } from "./request_of.ts";
import { sendAnswer } from "./send_answer.ts";

/** How long a client may take to say what it wants, in milliseconds. */
const HEAD_MS = 10_000;

/** More clients at a time than people and tools need. */
const MAX_CONNECTIONS = 128;

/** Where clients come from; both of Deno's listeners are one. */
export interface Doorway {
  readonly addr: Deno.Addr;
  accept(): Promise<ByteStream>;
  close(): void;
}

/** What a {@linkcode HttpServer} needs. */
export interface HttpServerOptions {
  /** Never rejects. */
  handle(request: Request): Promise<Response>;
  /** Told of an answer that cannot be sent; must not throw. */
  onError(error: unknown): void;
  clock: Clock;
}

/**
 * An HTTP/1.1 server whose clients cost little, whatever they do: there are at most 128, each with
 * one request, and who has not asked yet makes room for who comes. `Deno.serve` limits nothing.
 */
export class HttpServer {
  readonly addr: Deno.Addr;
  /** Rejects when nobody can be accepted any more; connections go on. */
  readonly finished: Promise<void>;
  readonly #doorway: Doorway;
  readonly #options: HttpServerOptions;
  /** Oldest first. */
  readonly #connections = new Map<Connection, Promise<void>>();
  /** Speaks HTTP; does not listen. */
  readonly #http = createServer((message, answer) => this.#serve(message, answer))
    .on("clientError", onNonsense);
  #closing = false;

  /** Begins to accept; the doorway is closed when that ends. */
  constructor(doorway: Doorway, options: HttpServerOptions) {
    this.addr = doorway.addr;
    this.#doorway = doorway;
    this.#options = options;
    this.finished = this.#accept();
  }

  /** Accepts nobody any more, and resolves when all who asked have their answers. Never rejects. */
  async shutdown(): Promise<void> {
    this.#stop();
    for (const connection of this.#connections.keys()) {
      if (connection.phase === "head") connection.destroy();
    }
    // Not before may somebody else listen at the path of a socket, see listenAtPath().
    await this.finished.catch(() => {});
    await Promise.all(this.#connections.values());
  }

  #stop(): void {
    if (!this.#closing) this.#doorway.close();
    this.#closing = true;
  }

  async #accept(): Promise<void> {
    try {
      for (;;) this.#admit(await this.#doorway.accept());
    } catch (error) {
      if (this.#closing) return;
      this.#stop();
      throw error;
    }
  }

  #admit(stream: ByteStream): void {
    const connection = new Connection(stream, this.#options.clock);
    if (!this.#hasRoom()) return void connection.destroy();
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    this.#connections.set(connection, closed);
    connection.once("close", () => {
      this.#connections.delete(connection);
      resolve();
    });
    connection.expect(HEAD_MS);
    this.#http.emit("connection", connection);
  }

  /** Who has not asked for anything yet has to go first, then who may not have read the end. */
  #hasRoom(): boolean {
    if (this.#connections.size < MAX_CONNECTIONS) return true;
    const oldest = (wanted: Phase) =>
      this.#connections.keys().find(({ phase }) => phase === wanted);
    const idle = oldest("head") ?? oldest("end");
    if (idle === undefined) return false;
    idle.destroy();
    return this.#connections.delete(idle);
  }

  async #serve(message: IncomingMessage, to: ServerResponse): Promise<void> {
    const connection: unknown = message.socket;
    if (!(connection instanceof Connection)) return;
    // The answer to the first one says that there is no second one.
    if (connection.phase !== "head") return connection.ignore();
    connection.phase = "answer";
    connection.answer = to;
    connection.relax();
    message.on("error", () => {});
    to.on("error", () => {});
    try {
      await sendAnswer(await this.#answer(message), to, connection);
      message.resume();
    } catch (error) {
      connection.destroy();
      this.#options.onError(error);
    }
  }

  async #answer(message: IncomingMessage): Promise<Response> {
    try {
      return await this.#options.handle(requestOf(message));
    } catch (error) {
      if (error instanceof Problem) return error.response();
      throw error;
    }
  }
}

/** What is no HTTP ends a connection, unless its answer is on the way: that is not to be lost. */
function onNonsense(error: Error, connection: unknown): void {
  if (!(connection instanceof Connection) || connection.destroyed) return;
  const { answer } = connection;
  if (answer?.req.complete || answer?.headersSent) return connection.ignore();
  if (connection.writable) connection.write(refusalOf(error));
  connection.destroy();
}

function refusalOf(error: Error): string {
  const isLong = "code" in error && error.code === "HPE_HEADER_OVERFLOW";
  const status = isLong ? "431 Request Header Fields Too Large" : "400 Bad Request";
  return `HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`;
}
