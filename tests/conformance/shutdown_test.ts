import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { behaviour, FETCH, item, RELAY } from "./item.ts";
import { head, ok, RawConnection } from "./raw.ts";
import { gated, Rig, startProxy, until, values } from "./rig.ts";

item(69, "shutdown() lets an upload finish and serves the rest", FETCH, async (engine) => {
  await using rig = new Rig(async (conn) => {
    for (let request = await conn.readHead(); request; request = await conn.readHead()) {
      if (request.startsWith("POST")) await conn.readExactly(10);
      await conn.write(ok("v1"));
    }
  }, { engine });
  await using upload = await rig.connect();
  await upload.write(head("POST /", "Content-Length: 10") + "01234");
  await until(() => rig.upstream.connections === 1, "the upload to begin");
  const stopped = rig.proxy.shutdown({ drainTimeoutMs: 5000 });
  const plain = await rig.ask(head("GET /"), 2);
  assertMatch(plain, /^HTTP\/1.1 200 .*v1$/s);
  assertEquals(values(plain, "connection").includes("close"), true);
  const refused = await rig.ask(head("POST /", "Content-Length: 1") + "x");
  assertMatch(refused, /^HTTP\/1.1 503 /);
  assertEquals(values(refused, "retry-after"), ["1"]);
  await upload.write("56789");
  assertMatch(await upload.readHead() ?? "", /^HTTP\/1.1 200 /);
  assertEquals(await stopped, { finished: 1, cut: 0 });
  await assertRejects(() => rig.connect(), Deno.errors.ConnectionRefused);
});

behaviour("shutdown() waits for answers under way and cuts them in the end", async (engine) => {
  await using rig = new Rig(async (conn) => {
    await conn.readHead();
    await conn.readAll();
  }, { engine });
  await using client = await rig.connect();
  await client.write(head("GET /"));
  await until(() => rig.upstream.connections === 1, "the request to arrive");
  assertEquals(await rig.proxy.shutdown({ drainTimeoutMs: 20 }), { finished: 0, cut: 1 });
  assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 504 /);
});

behaviour("shutdown() fails held requests at once and ends early when told to", async (engine) => {
  const proxy = startProxy({ engine });
  await using client = await RawConnection.open(proxy.port);
  await client.write(head("GET /"));
  await until(() => proxy.counters.held === 1, "the request to be held");
  const hurry = new AbortController();
  const stopped = proxy.shutdown({ drainTimeoutMs: 60_000, signal: hurry.signal });
  assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 503 /);
  hurry.abort();
  await stopped;
});

item(69, "nobody new is served, what is in flight finishes with a close", RELAY, async (engine) => {
  const gate = Promise.withResolvers<void>();
  await using rig = new Rig(async (conn) => {
    for (let request = await conn.readHead(); request; request = await conn.readHead()) {
      if (request.startsWith("POST")) await conn.readExactly(10);
      else await gate.promise;
      await conn.write(ok("v1"));
    }
  }, { engine });
  await using idle = await rig.connect();
  await using waiting = await rig.connect();
  await waiting.write(head("GET /"));
  await using upload = await rig.connect();
  await upload.write(head("POST /", "Content-Length: 10") + "01234");
  await until(() => rig.upstream.connections === 2, "two requests in flight");
  const stopped = rig.proxy.shutdown({ drainTimeoutMs: 5000 });
  assertEquals(await idle.readAll(), "");
  await assertRejects(() => rig.connect(), Deno.errors.ConnectionRefused);
  await upload.write("56789");
  gate.resolve();
  for (const client of [upload, waiting]) {
    const answer = await client.readAll();
    assertMatch(answer, /^HTTP\/1.1 200 .*\r\n\r\nv1$/s);
    assertEquals(values(answer, "connection"), ["close"]);
    client.close();
  }
  assertEquals(await stopped, { finished: 2, cut: 0 });
});

item(69, "a request that follows on a connection in use is not begun", RELAY, async (engine) => {
  const gate = Promise.withResolvers<void>();
  await using rig = new Rig(gated(gate.promise, "v1"), { engine });
  await using client = await rig.connect();
  await client.write(head("GET /1") + head("GET /2"));
  await until(() => rig.upstream.connections === 1, "the first request to arrive");
  const stopped = rig.proxy.shutdown({ drainTimeoutMs: 5000 });
  gate.resolve();
  const answers = await client.readAll();
  assertEquals(answers.match(/^HTTP\/1.1 \d+/gm), ["HTTP/1.1 200"]);
  client.close();
  assertEquals(await stopped, { finished: 1, cut: 0 });
});

item(69, "an answer under way ends its connection", RELAY, async (engine) => {
  const gate = Promise.withResolvers<void>();
  await using rig = new Rig(async (conn) => {
    await conn.readHead();
    await conn.write("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc");
    await gate.promise;
    await conn.write("def");
    await conn.readAll();
  }, { engine });
  await using client = await rig.connect();
  await client.write(head("GET /"));
  assertEquals(values(await client.readHead() ?? "", "connection"), []);
  const stopped = rig.proxy.shutdown({ drainTimeoutMs: 60_000 });
  gate.resolve();
  assertEquals(await client.readAll(), "abcdef");
  client.close();
  assertEquals(await stopped, { finished: 1, cut: 0 });
});

item(
  69,
  "a connection that rests may bring one more request when asked for",
  RELAY,
  async (engine) => {
    await using rig = new Rig(async (conn) => {
      while (await conn.readHead()) await conn.write(ok("v1"));
    }, { engine });
    await using resting = await rig.connect();
    await resting.write(head("GET /"));
    assertEquals(values(await resting.readHead() ?? "", "connection").includes("close"), false);
    await resting.readExactly(2);
    const stopped = rig.proxy.shutdown({ drainTimeoutMs: 60_000, idleGraceMs: 60_000 });
    await resting.write(head("GET /"));
    const last = await resting.readHead() ?? "";
    assertMatch(last, /^HTTP\/1.1 200 /);
    assertEquals(values(last, "connection").includes("close"), true);
    await stopped;
  },
);

item(
  69,
  "an answer that began before and ends late leaves time for one more request",
  RELAY,
  async (engine) => {
    const gate = Promise.withResolvers<void>();
    await using rig = new Rig(async (conn) => {
      const request = await conn.readHead();
      if (!request?.includes("/slow")) return void await conn.write(ok("v1"));
      await conn.write("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc");
      await gate.promise;
      await conn.write("def");
    }, { engine });
    await using resting = await rig.connect();
    await resting.write(head("GET /"));
    await resting.readHead();
    await resting.readExactly(2);
    await using busy = await rig.connect();
    await busy.write(head("GET /slow"));
    await busy.readHead();
    const stopped = rig.proxy.shutdown({ drainTimeoutMs: 60_000, idleGraceMs: 500 });
    assertEquals(await resting.readAll(), "", "its time is over");
    gate.resolve();
    await busy.readExactly(6);
    // Where nobody waits, the connection ends at once.
    await new Promise((resolve) => setTimeout(resolve, 100));
    await busy.write(head("GET /"));
    assertEquals(values(await busy.readHead() ?? "", "connection").includes("close"), true);
    assertEquals((await stopped).cut, 0);
  },
);
