import { assert, assertEquals } from "@std/assert";
import { plainDescriptors } from "../../../src/handover/descriptor.ts";
import { serveHttp } from "../../../src/handover/http_server.ts";
import { Listener } from "../../../src/handover/listener.ts";
import { until } from "../platform/processes.ts";
import { type Answer, HttpConnection } from "../../helpers/http.ts";

/** A server whose answers to `/slow` wait for the test. */
async function start() {
  const listener = await Listener.bind({
    name: "http",
    address: { hostname: "127.0.0.1", port: 0 },
    options: {},
    descriptors: plainDescriptors,
  });
  const asked = Promise.withResolvers<void>();
  const mayAnswer = Promise.withResolvers<void>();
  const server = serveHttp(listener, async (request, response) => {
    let bytes = 0;
    for await (const chunk of request) bytes += chunk.length;
    if (request.url === "/slow") {
      asked.resolve();
      await mayAnswer.promise;
    }
    response.end(String(bytes));
  });
  await listener.resume();
  return { listener, server, asked: asked.promise, answer: mayAnswer.resolve };
}

const closes = ({ headers }: Answer) => headers.get("connection") === "close";

Deno.test("a drain answers what has begun, and what comes on idle connections", async () => {
  const { listener, server, asked, answer } = await start();
  using idle = await HttpConnection.connect(listener.port);
  assert(!closes(await idle.ask("/")));
  using silent = await HttpConnection.connect(listener.port);
  using busy = await HttpConnection.connect(listener.port);
  const slow = busy.ask("/slow", { method: "POST", body: new Uint8Array(100_000) });
  await asked;
  listener.pause();
  const drained = server.drain({ idleMs: 60_000, limitMs: 60_000 });
  assert(closes(await idle.ask("/")), "an idle connection has one more request");
  assert(closes(await silent.ask("/")), "and one that has never sent any");
  answer();
  assertEquals((await slow).text, "100000");
  busy.close();
  assertEquals(await drained, 0);
  assertEquals(server.connections, 0);
  listener.close();
});

Deno.test("an answer that ends late in a drain leaves time for one more request", async () => {
  const { listener, server, asked, answer } = await start();
  using idle = await HttpConnection.connect(listener.port);
  await idle.ask("/");
  using busy = await HttpConnection.connect(listener.port);
  const slow = busy.ask("/slow");
  await asked;
  listener.pause();
  const drained = server.drain({ idleMs: 2_000, limitMs: 60_000 });
  await until(() => server.connections === 1);
  answer();
  assert(!closes(await slow), "it could not know");
  // Longer than between two looks for idle connections.
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert(closes(await busy.ask("/")));
  busy.close();
  assertEquals(await drained, 0);
  listener.close();
});

Deno.test("a drain ends idle connections after a while, and cuts the rest at its limit", async () => {
  const { listener, server, asked, answer } = await start();
  using idle = await HttpConnection.connect(listener.port);
  await idle.ask("/");
  using busy = await HttpConnection.connect(listener.port);
  const slow = busy.ask("/slow").catch(() => "cut");
  await asked;
  listener.pause();
  assertEquals(await server.drain({ idleMs: 0, limitMs: 200 }), 1);
  assertEquals(await slow, "cut");
  answer();
  listener.close();
});

Deno.test("a drain of nothing is over at once", async () => {
  const { listener, server } = await start();
  assertEquals(await server.drain(), 0);
  listener.close();
});
