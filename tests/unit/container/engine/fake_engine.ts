import { Engine } from "../../../../src/container/engine/engine.ts";

/** What an engine was asked. */
export interface Asked {
  /** Method and path, without the version: `GET /info`. */
  readonly call: string;
  readonly version: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Headers;
  readonly body: unknown;
}

/** What it answers; a text is JSON, or lines of it. */
export type Answer = string | { status: number; text: string } | ReadableStream<Uint8Array>;

/** Says of an engine what `/version` says. */
export const VERSION = {
  Version: "28.0.1",
  ApiVersion: "1.48",
  MinAPIVersion: "1.24",
  Os: "linux",
  Arch: "amd64",
  Components: [{ Name: "Engine" }],
};

/** A double of an engine, on a socket of its own. */
export class FakeEngine implements AsyncDisposable {
  readonly asked: Asked[] = [];
  readonly socket: string;
  readonly #answers: Record<string, Answer | ((asked: Asked) => Answer)>;
  readonly #server: Deno.HttpServer;
  readonly #directory: string;

  constructor(answers: Record<string, Answer | ((asked: Asked) => Answer)>) {
    this.#answers = { "GET /version": JSON.stringify(VERSION), ...answers };
    this.#directory = Deno.makeTempDirSync({ prefix: "liveroll-engine-" });
    this.socket = `${this.#directory}/engine.sock`;
    this.#server = Deno.serve(
      { path: this.socket, onListen() {}, onError: () => new Response(null, { status: 500 }) },
      (request) => this.#answer(request),
    );
  }

  connect(): Promise<Engine> {
    return Engine.connect(this.socket, AbortSignal.timeout(20_000));
  }

  /** What it was asked last. */
  get last(): Asked {
    return this.asked.at(-1)!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
    await Deno.remove(this.#directory, { recursive: true });
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const [, version = "", path = ""] = /^(?:\/v([\d.]+))?(\/.*)$/.exec(pathname) ?? [];
    const text = await request.text();
    const asked = {
      call: `${request.method} ${path}`,
      version,
      query: Object.fromEntries(searchParams),
      headers: request.headers,
      body: text === "" ? null : JSON.parse(text),
    };
    this.asked.push(asked);
    const given = this.#answers[asked.call] ??
      { status: 404, text: '{"message":"page not found"}' };
    const answer = typeof given === "function" ? given(asked) : given;
    if (typeof answer === "string" || answer instanceof ReadableStream) return new Response(answer);
    // These have no body at all.
    const body = answer.status === 204 || answer.status === 304 ? null : answer.text;
    return new Response(body, { status: answer.status });
  }
}

/** A stream that begins with `text` and then breaks. */
export function breakingOff(text: string): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode(text)),
    pull: (controller) => controller.error(new Error("the engine was killed")),
  }, { highWaterMark: 0 });
}
