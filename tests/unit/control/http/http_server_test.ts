import { assertEquals, assertMatch } from "@std/assert";
import { HttpServer } from "../../../../src/control/http/http_server.ts";
import { systemClock } from "../../../../src/platform/clock.ts";
import { RawConnection } from "../../../conformance/raw.ts";
import { until } from "../../../conformance/rig.ts";

const GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
const POST = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nok";

/** A server and one client of it. */
class Pair implements AsyncDisposable {
  readonly errors: unknown[] = [];
  /** The path and the body of each request. */
  readonly asked: [string, string][] = [];
  readonly #server: HttpServer;
  #client!: RawConnection;

  private constructor(answer: () => Promise<Response>) {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#server = new HttpServer(listener, {
      handle: async (request) => {
        this.asked.push([new URL(request.url).pathname, await request.text()]);
        return await answer();
      },
      onError: (error) => this.errors.push(error),
      clock: systemClock,
    });
  }

  static async open(answer: () => Promise<Response>): Promise<Pair> {
    const pair = new Pair(answer);
    const { port } = pair.#server.addr as Deno.NetAddr;
    pair.#client = await RawConnection.open(port);
    return pair;
  }

  get client(): RawConnection {
    return this.#client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client[Symbol.asyncDispose]();
    await this.#server.shutdown();
  }
}

for (
  const [name, more] of [
    ["another request", "GET /second HTTP/1.1\r\nHost: x\r\n\r\n"],
    ["another one with a body", POST],
    ["what is no HTTP", "nonsense\r\n\r\n"],
  ] as const
) {
  for (const first of [GET, POST]) {
    Deno.test(`${name} after a ${first.slice(0, 4).trim()} does not take its answer away`, async () => {
      const { promise: comes, resolve: answer } = Promise.withResolvers<Response>();
      await using pair = await Pair.open(() => comes);
      await pair.client.write(first + more);
      await until(() => pair.asked.length > 0, "the request");
      await pair.client.write(more.repeat(100));
      answer(new Response("the first"));
      assertMatch(await pair.client.readAll(), /^HTTP\/1\.1 200 OK\r\n[^]*the first[^]*0\r\n\r\n$/);
      assertEquals(pair.asked, [["/", first === GET ? "" : "ok"]]);
    });
  }
}

const CHUNKED = `${GET.slice(0, -2)}Transfer-Encoding: chunked\r\n\r\n`;

for (
  const [name, first, then] of [
    ["right after it", `${GET}nonsense\r\n\r\n`, "nonsense\r\n\r\n"],
    ["as a body that nobody reads", CHUNKED, "nonsense\r\n\r\n"],
  ] as const
) {
  Deno.test(`a stream lives as long as its reader, who sends what is no HTTP ${name}`, async () => {
    const { promise: left, resolve: leave } = Promise.withResolvers<void>();
    let tell = (_text: string) => {};
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        tell = (text) => controller.enqueue(new TextEncoder().encode(text));
      },
      cancel: () => leave(),
    });
    await using pair = await Pair.open(() => Promise.resolve(new Response(body)));
    await pair.client.write(first);
    await pair.client.readHead();
    await pair.client.write(then);
    for (let i = 0; i < 20; i++) {
      tell("one");
      await pair.client.readUntil("one");
    }
    pair.client.close();
    await left;
  });
}

for (
  const [name, head, status] of [
    [
      "a chunk that is none",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n",
      400,
    ],
    ["what is no HTTP", "nonsense\r\n\r\n", 400],
    ["a head without end", `${GET.slice(0, -2)}X: ${"x".repeat(16_400)}`, 431],
  ] as const
) {
  Deno.test(`${name} is answered ${status}`, async () => {
    await using pair = await Pair.open(() => Promise.resolve(new Response("ok")));
    await pair.client.write(head);
    assertMatch(await pair.client.readAll(), new RegExp(`^HTTP/1.1 ${status} `));
  });
}

Deno.test("a stream for a client that has left meanwhile is cancelled", async () => {
  const { promise: comes, resolve: answer } = Promise.withResolvers<Response>();
  const { promise: left, resolve: leave } = Promise.withResolvers<void>();
  await using pair = await Pair.open(() => comes);
  await pair.client.write(GET);
  await until(() => pair.asked.length > 0, "the request");
  await pair.client.closeWrite();
  assertEquals(await pair.client.read(), null);
  answer(new Response(new ReadableStream({ cancel: () => leave() })));
  await left;
});

Deno.test("an answer that cannot be sent ends its connection, and is told", async () => {
  const answer = () => Promise.resolve(new Response("", { headers: { "x-bell": "\x07" } }));
  await using pair = await Pair.open(answer);
  await pair.client.write(GET);
  assertEquals(await pair.client.readAll(), "");
  assertMatch(String(pair.errors), /x-bell/);
});
