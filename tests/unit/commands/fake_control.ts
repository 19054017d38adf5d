import type { Operator, Order } from "../../../src/control/operator.ts";

const ENCODER = new TextEncoder();

/** A control API that is as simple as it can be, on the socket of a new state directory. */
export class FakeControl implements AsyncDisposable {
  readonly stateDir: string;
  /** How often it was asked, by path. */
  readonly asked = new Map<string, number>();
  /** Answers before the operator does; null: the operator answers. */
  intercept: (request: Request, path: string) => Response | Promise<Response> | null = () => null;
  #server: Deno.HttpServer<Deno.UnixAddr> | null = null;
  readonly #streams = new Set<ReadableStreamDefaultController<Uint8Array>>();

  constructor(public operator: Operator) {
    this.stateDir = Deno.makeTempDirSync();
    this.start();
  }

  get socket(): string {
    return `${this.stateDir}/control.sock`;
  }

  start(): void {
    this.#server = Deno.serve(
      { path: this.socket, onListen: () => {} },
      (request) => this.#answer(request),
    );
  }

  /** Goes away, with all connections. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    for (const stream of this.#streams) stream.close();
    this.#streams.clear();
    await server?.shutdown();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await Deno.remove(this.stateDir, { recursive: true });
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname: path, searchParams } = new URL(request.url);
    this.asked.set(path, (this.asked.get(path) ?? 0) + 1);
    const intercepted = await this.intercept(request, path);
    if (intercepted !== null) return intercepted;
    const [, , what = "", id, sub] = path.split("/");
    const limit = Number(searchParams.get("limit") ?? 100);
    if (request.method === "POST") {
      return await this.#post(what, JSON.parse(await request.text() || "{}"), id);
    }
    const { operator } = this;
    switch (sub ?? what) {
      case "status":
        return Response.json(operator.status());
      case "history":
        return Response.json(operator.history({ limit }));
      case "rolls":
        return found(operator.roll(Number(id)), `There is no roll ${id}`);
      case "requests":
        return found(operator.request(Number(id)), `There is no request ${id}`);
      case "why":
        return Response.json(operator.decisions({ limit }));
      case "doctor":
        return Response.json(await operator.doctor({ fix: false }));
      case "events":
        return this.#events();
      case "logs":
        return this.#logs(id === undefined ? null : Number(id), limit, searchParams.has("follow"));
      default:
        return problem(404, "not_found", `There is no ${path}`);
    }
  }

  async #post(what: string, body: Record<string, unknown>, sub: string | undefined) {
    const { operator } = this;
    if (what === "doctor" && sub === "fix") {
      return Response.json(await operator.doctor({ fix: true }));
    }
    if (what === "upgrade") return await this.#upgrade(body);
    if (what === "stop") {
      operator.stop();
      return Response.json({ state: "stopping" }, { status: 202 });
    }
    if (["update", "rollback", "retry", "pin"].includes(what)) return await this.#order(what, body);
    try {
      await operator.set({ kind: what, ...body } as Parameters<Operator["set"]>[0]);
      return Response.json(operator.status().settings);
    } catch (error) {
      return problem(503, "unavailable", String((error as Error).message));
    }
  }

  async #upgrade({ binary }: Record<string, unknown>): Promise<Response> {
    const start = await this.operator.upgrade(binary as string | null);
    if ("refused" in start) return problem(409, "conflict", start.refused);
    return Response.json(start, { status: 202 });
  }

  async #order(
    kind: string,
    { dry_run: isDry = false, ...body }: Record<string, unknown>,
  ): Promise<Response> {
    const by = kind === "update" ? { by: "command" } : {};
    const order = { kind, ...body, ...by } as Order;
    if (isDry) return Response.json(this.operator.plan(order));
    const answer = await this.operator.order(order);
    if (answer.accepted) return Response.json({ request: answer.request }, { status: 202 });
    const status = { busy: 409, conflict: 409, unknown_version: 404, unavailable: 503 };
    return problem(status[answer.reason], answer.reason, answer.detail, answer.roll);
  }

  #events(): Response {
    return this.#stream((send) => {
      send(`event: status\ndata: ${JSON.stringify(this.operator.status())}\n\n:\n\n`);
      return this.operator.onEvent((event) =>
        send(`event: event\ndata: ${JSON.stringify(event)}\n\n`)
      );
    });
  }

  #logs(roll: number | null, limit: number, follow: boolean): Response {
    const text = this.operator.output({ roll, limit }).map((line) => `${JSON.stringify(line)}\n`);
    if (!follow) return new Response(text.join(""));
    return this.#stream((send) => {
      send(`${text.join("")}\n`);
      return this.operator.onOutput((line) => send(`${JSON.stringify(line)}\n`));
    });
  }

  #stream(begin: (send: (text: string) => void) => Disposable): Response {
    let listener: Disposable | null = null;
    let mine: ReadableStreamDefaultController<Uint8Array> | null = null;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        mine = controller;
        this.#streams.add(controller);
        listener = begin((text) => {
          if (this.#streams.has(controller)) controller.enqueue(ENCODER.encode(text));
        });
      },
      cancel: () => {
        listener?.[Symbol.dispose]();
        if (mine !== null) this.#streams.delete(mine);
      },
    });
    return new Response(body);
  }
}

/** An answer that is a problem. */
export function problem(status: number, code: string, detail: string, roll?: number | null) {
  const body = { type: "about:blank", title: code, status, code, detail, roll };
  return Response.json(body, { status, headers: { "content-type": "application/problem+json" } });
}

function found(value: unknown, detail: string): Response {
  return value === null ? problem(404, "not_found", detail) : Response.json(value);
}
