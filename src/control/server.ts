/*
 * A client of the unix socket is an ordinary `fetch` that is told where to connect:
 *
 *   const client = Deno.createHttpClient({ proxy: { transport: "unix", path: socketPath } });
 *   await fetch("http://127.0.0.1/v1/status", { client });
 *
 * The host means nothing then, but it has to be an address: a name would be looked up in the DNS,
 * and the request would wait for that. Streams work as over TCP.
 */
import { type Clock, systemClock, withDeadline } from "../platform/clock.ts";
import { BodyRoom } from "./body_room.ts";
import { Dispatcher } from "./dispatcher.ts";
import { type Door, doorFor, openDoor } from "./doors.ts";
import { Listener } from "./listener.ts";
import type { Operator } from "./operator.ts";
import type { PageFiles } from "./page_files.ts";
import { type Doorway, HttpServer } from "./http/http_server.ts";
import { clearSocketPath, listenAtPath } from "./socket_file.ts";
import { Streams } from "./stream.ts";
import { requireToken } from "./token.ts";
import { Webhook } from "./webhook/webhook.ts";

/** How long answers that are under way may take when the server closes. */
const CLOSE_MS = 1500;

/** How long it may take to cut them. */
const CUT_MS = 500;

/** What {@linkcode startControl} needs. */
export interface ControlOptions {
  operator: Operator;
  /**
   * Path of the unix socket, in a directory that nobody else may enter and that belongs to this
   * process alone; null: none.
   */
  socketPath: string | null;
  /** Address for TCP; port 0 takes any free one; null: none. */
  listen: { host: string; port: number } | null;
  /** What clients over TCP have to know; null: only this host may be a client. */
  token: string | null;
  /** What senders of webhooks have to know; null: there are no webhooks. */
  webhookSecret: string | null;
  /** The status page; null: none. */
  page: PageFiles | null;
  /** Told of what nobody expected, and of trouble with accepting; must not throw. */
  onError(error: unknown): void;
  /** @default {systemClock} */
  clock?: Clock;
  /** Milliseconds since 1970. @default {Date.now} */
  date?: () => number;
}

/** The control API, while it can be reached. */
export interface ControlServer {
  /** Where it listens for TCP. */
  readonly addr: { host: string; port: number } | null;
  /** Stops listening, ends all streams, and waits for answers under way; at most 2 s. */
  close(): Promise<void>;
}

/**
 * Serves the control API. It can be reached when this resolves.
 *
 * @throws {Error} When it cannot listen, or may not without a token; nothing is left open then.
 */
export async function startControl(options: ControlOptions): Promise<ControlServer> {
  const complaint = requireToken(options.listen, options.token);
  if (complaint !== null) throw new Error(complaint);
  const server = new Server(options);
  try {
    return server.start();
  } catch (error) {
    await server.close();
    throw error;
  }
}

class Server implements ControlServer {
  addr: { host: string; port: number } | null = null;
  readonly #options: ControlOptions;
  readonly #clock: Clock;
  readonly #streams = new Streams();
  readonly #cut = new AbortController();
  readonly #dispatcher: Dispatcher;
  readonly #listeners: Listener[] = [];

  constructor(options: ControlOptions) {
    const { operator, webhookSecret, page, onError, date = Date.now } = options;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    const webhook = webhookSecret === null ? null : new Webhook(webhookSecret, date);
    const [streams, cut, clock] = [this.#streams, this.#cut.signal, this.#clock];
    const bodyRoom = new BodyRoom();
    const services = { operator, streams, clock, date, webhook, cut, bodyRoom };
    this.#dispatcher = new Dispatcher({ services, page, onError });
  }

  start(): this {
    const { socketPath, listen, token } = this.#options;
    if (socketPath !== null) this.#listenUnix(socketPath);
    if (listen) this.#listenTcp(listen, doorFor(listen.host, token));
    return this;
  }

  async close(): Promise<void> {
    this.#streams.end();
    const closed = Promise.all(this.#listeners.map((listener) => listener.close()));
    const never = new AbortController().signal;
    const wait = (ms: number) => withDeadline(this.#clock, ms, never, () => closed);
    if (await wait(CLOSE_MS) !== "timed_out") return;
    this.#cut.abort();
    this.#streams.cut();
    // Who does not even take a finished answer is left to the end of the process.
    await wait(CUT_MS);
  }

  #listenUnix(path: string): void {
    const serve = () => {
      clearSocketPath(path);
      return this.#serve(listenAtPath(path), openDoor);
    };
    this.#listen(path, serve);
  }

  #listenTcp({ host, port }: { host: string; port: number }, door: Door): void {
    const hostname = host.replace(/^\[(.*)\]$/, "$1");
    const serve = () => {
      const listener = Deno.listen({ hostname, port: this.addr?.port ?? port });
      this.addr = { host, port: listener.addr.port };
      return this.#serve(listener, door);
    };
    this.#listen(`${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`, serve);
  }

  #listen(name: string, serve: () => HttpServer): void {
    const { onError } = this.#options;
    this.#listeners.push(new Listener({ name, serve, onError }));
  }

  #serve(doorway: Doorway, door: Door): HttpServer {
    const handle = (request: Request) => this.#dispatcher.answer(request, door);
    const { onError } = this.#options;
    return new HttpServer(doorway, { handle, onError, clock: this.#clock });
  }
}
