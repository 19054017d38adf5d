import { assertEquals, assertMatch } from "@std/assert";
import { head, RawConnection } from "../conformance/raw.ts";
import { until } from "../conformance/rig.ts";

type Handler = (request: Request, info: Deno.ServeHandlerInfo<Deno.NetAddr>) => Promise<Response>;

function serve(handler: Handler): Deno.HttpServer<Deno.NetAddr> {
  const onError = () => new Response(null, { status: 500 });
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {}, onError }, handler);
}

Deno.test("Request.url of Deno.serve is the target as it was sent", async () => {
  const urls: string[] = [];
  const server = serve((request) => {
    urls.push(request.url);
    return Promise.resolve(new Response());
  });
  const targets = ["/a//b/../c?x=%7B{}|", "/?", "*", "http://other:81/x"];
  for (const target of targets) {
    await using client = await RawConnection.open(server.addr.port);
    await client.write(head(`OPTIONS ${target}`));
    await client.readHead();
  }
  const expected = ["/a//b/../c?x=%7B{}|", "/?", "/*"].map((path) => `http://app.example${path}`);
  assertEquals(urls, [...expected, "http://other:81/x"]);
  await server.shutdown();
});

Deno.test("Deno.serve hides the body of a GET but shows what announced it", async () => {
  const seen: unknown[] = [];
  const server = serve((request) => {
    seen.push([request.body, request.headers.get("content-length")]);
    return Promise.resolve(new Response());
  });
  await using client = await RawConnection.open(server.addr.port);
  await client.write(head("GET /", "Content-Length: 2") + "hi");
  await client.readHead();
  assertEquals(seen, [[null, "2"]]);
  await server.shutdown();
});

Deno.test("info.completed resolves when the response was sent and when the client is gone", async () => {
  let completed = 0;
  const { promise: never, resolve: release } = Promise.withResolvers<void>();
  const server = serve(async (request, info) => {
    info.completed.then(() => completed++);
    if (request.url.endsWith("/slow")) await never;
    return new Response("ok");
  });
  await using client = await RawConnection.open(server.addr.port);
  await client.write(head("GET /"));
  await client.readHead();
  await until(() => completed === 1, "the first response");
  const gone = await RawConnection.open(server.addr.port);
  await gone.write(head("GET /slow"));
  gone.close();
  release();
  await until(() => completed === 2, "the lost response");
  await server.shutdown();
});

Deno.test("request.signal of Deno.serve aborts only when the client went away", async () => {
  const aborted: string[] = [];
  let finished = 0;
  const { promise: never, resolve: release } = Promise.withResolvers<void>();
  const server = serve(async (request, info) => {
    request.signal.addEventListener("abort", () => aborted.push(request.url));
    info.completed.then(() => finished++);
    if (request.url.endsWith("/slow")) await never;
    return new Response("ok");
  });
  await using client = await RawConnection.open(server.addr.port);
  await client.write(head("GET /"));
  await client.readHead();
  await until(() => finished === 1, "the response");
  assertEquals(aborted, [], 'needs "unstable": ["no-legacy-abort"]');
  const gone = await RawConnection.open(server.addr.port);
  await gone.write(head("GET /slow"));
  gone.close();
  await until(() => aborted.length === 1, "the abort");
  release();
  await server.shutdown();
});

Deno.test("Deno.serve().shutdown() breaks an upload, which is why the proxy waits for it", async () => {
  let broken = "";
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const server = serve(async (request) => {
    begin();
    await request.bytes().catch((error) => broken = error.name);
    return new Response("ok");
  });
  await using client = await RawConnection.open(server.addr.port);
  await client.write(head("POST /", "Content-Length: 10") + "abc");
  await begun;
  const stopped = server.shutdown();
  await client.write("defghij");
  await client.readHead();
  await stopped;
  assertEquals(broken, "BadResource");
});

Deno.test("a body stream that fails cuts the client's connection", async () => {
  const { promise: read, resolve: seen } = Promise.withResolvers<void>();
  let pulls = 0;
  const server = serve(() => {
    const body = new ReadableStream({
      async pull(controller) {
        if (pulls++ === 0) return controller.enqueue(new TextEncoder().encode("abc"));
        await read;
        throw new Error("upstream died");
      },
    }, { highWaterMark: 0 });
    return Promise.resolve(new Response(body, { headers: { "content-length": "100" } }));
  });
  await using client = await RawConnection.open(server.addr.port);
  await client.write(head("GET /"));
  assertMatch(await client.readUntil("abc"), /content-length: 100/);
  seen();
  assertEquals(await client.readAll(), "");
  await server.shutdown();
});
