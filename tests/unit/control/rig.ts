import {
  type ControlOptions,
  type ControlServer,
  startControl,
} from "../../../src/control/server.ts";
import { FakeOperator } from "./fake_operator.ts";

/** What an operator would choose. */
export const TOKEN = "correct-horse-battery-staple";

/** What is asked for. */
export interface Ask {
  method?: string;
  headers?: Record<string, string>;
  /** Sent as JSON, unless it is a text. */
  body?: unknown;
  signal?: AbortSignal;
}

/** A control server over a unix socket and TCP, with nothing behind it. */
export class Rig implements AsyncDisposable {
  readonly operator = new FakeOperator();
  /** What nobody expected. */
  readonly errors: unknown[] = [];
  readonly dir = Deno.makeTempDirSync();
  readonly socketPath = `${this.dir}/control.sock`;
  server!: ControlServer;
  #client!: Deno.HttpClient;

  static async start(options: Partial<ControlOptions> = {}): Promise<Rig> {
    const rig = new Rig();
    rig.server = await rig.#start(options);
    const proxy = { transport: "unix", path: rig.socketPath } as const;
    rig.#client = Deno.createHttpClient({ proxy, poolMaxIdlePerHost: 0 });
    return rig;
  }

  get port(): number {
    return this.server.addr?.port ?? 0;
  }

  /** Asks over the unix socket. */
  unix(path: string, ask: Ask = {}): Promise<Response> {
    return fetch(`http://127.0.0.1${path}`, { ...init(ask), client: this.#client });
  }

  /** Asks over TCP, without a token. */
  tcp(path: string, ask: Ask = {}): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.port}${path}`, init(ask));
  }

  async #start(options: Partial<ControlOptions>): Promise<ControlServer> {
    try {
      return await startControl({
        operator: this.operator,
        socketPath: this.socketPath,
        listen: { host: "127.0.0.1", port: 0 },
        token: TOKEN,
        webhookSecret: null,
        page: null,
        onError: (error) => this.errors.push(error),
        ...options,
      });
    } catch (error) {
      await Deno.remove(this.dir, { recursive: true });
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close();
    this.#client.close();
    await Deno.remove(this.dir, { recursive: true });
  }
}

/** The header that lets in. */
export const ALLOWED = { authorization: `Bearer ${TOKEN}` };

function init({ method, headers = {}, body, signal }: Ask): RequestInit {
  const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  const type: Record<string, string> = text === undefined
    ? {}
    : { "content-type": "application/json" };
  return {
    method: method ?? (text === undefined ? "GET" : "POST"),
    headers: { ...type, ...headers },
    ...(text === undefined ? {} : { body: text }),
    ...(signal ? { signal } : {}),
  };
}
