import { assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { head, ok, RawConnection, RawUpstream, type Script } from "./raw.ts";
import { Rig, startProxy, until, values } from "./rig.ts";

const DRAIN = { timeoutMs: 5000, tunnelGraceMs: 5000 };

function latch() {
  return Promise.withResolvers<void>();
}

/** Serves on keep-alive connections, each answer after `gate`. */
function gated(gate: Promise<void>, body: string, onRequest: () => void = () => {}): Script {
  return async (conn) => {
    while (await conn.readHead()) {
      onRequest();
      await gate;
      await conn.write(ok(body));
    }
  };
}

Deno.test("B24 a busy port is an error before anything else happens", async () => {
  await using rig = Rig.answering();
  assertThrows(() => startProxy({ port: rig.proxy.port }), Deno.errors.AddrInUse);
});

Deno.test("K01 B32 a request without a backend is held and then served", async () => {
  await using upstream = new RawUpstream(gated(Promise.resolve(), "v1"));
  const proxy = startProxy();
  await using client = await RawConnection.open(proxy.port);
  await client.write(head("POST /", "Content-Length: 0"));
  await until(() => proxy.counters.held === 1, "the request to be held");
  proxy.replace([{ key: "1", host: "127.0.0.1", port: upstream.port, alive: () => true }]);
  await client.readHead();
  assertEquals(await client.readExactly(2), "v1");
  await proxy.shutdown({ drainTimeoutMs: 1000 });
});

Deno.test("K01 item 71 after the limit there is 503 with Retry-After", async () => {
  const proxy = startProxy({ queueTimeoutMs: 10 });
  await using client = await RawConnection.open(proxy.port);
  await client.write(head("GET /", "Accept: application/json"));
  const answer = await client.readHead() ?? "";
  assertMatch(answer, /^HTTP\/1.1 503 /);
  assertEquals(values(answer, "retry-after"), ["1"]);
  assertEquals(values(answer, "cache-control"), ["no-store"]);
  assertEquals(values(answer, "content-type"), ["application/json"]);
  const body = await client.readExactly(Number(values(answer, "content-length")[0]));
  assertEquals(JSON.parse(body).status, 503);
  await proxy.shutdown({ drainTimeoutMs: 0 });
});

Deno.test("a full queue answers 503 at once", async () => {
  const proxy = startProxy({ queueLimit: 1 });
  await using first = await RawConnection.open(proxy.port);
  await first.write(head("GET /"));
  await until(() => proxy.counters.held === 1, "the queue to fill");
  await using second = await RawConnection.open(proxy.port);
  await second.write(head("GET /"));
  assertMatch(await second.readHead() ?? "", /^HTTP\/1.1 503 /);
  await proxy.shutdown({ drainTimeoutMs: 0 });
  assertMatch(await first.readHead() ?? "", /^HTTP\/1.1 503 /);
});

Deno.test("K34 a held client that goes away never reaches the application", async () => {
  let requests = 0;
  await using upstream = new RawUpstream(gated(Promise.resolve(), "v1", () => requests++));
  const proxy = startProxy({ queueTimeoutMs: 60_000 });
  const client = await RawConnection.open(proxy.port);
  await client.write(head("GET /"));
  await until(() => proxy.counters.held === 1, "the request to be held");
  client.close();
  await until(() => proxy.counters.held === 0, "the waiter to leave");
  proxy.replace([{ key: "1", host: "127.0.0.1", port: upstream.port, alive: () => true }]);
  await using other = await RawConnection.open(proxy.port);
  await other.write(head("GET /"));
  await other.readHead();
  assertEquals([requests, proxy.counters.clientGone], [1, 1]);
  await proxy.shutdown({ drainTimeoutMs: 1000 });
});

Deno.test("K34 a held client that goes away in the middle of its upload leaves the line", async () => {
  const proxy = startProxy({ queueTimeoutMs: 60_000 });
  const client = await RawConnection.open(proxy.port);
  await client.write(head("POST /", "Content-Length: 10") + "abc");
  await until(() => proxy.counters.held === 1, "the request to be held");
  client.close();
  await until(() => proxy.counters.held === 0, "the waiter to leave");
  assertEquals(proxy.counters.clientGone, 1);
  await proxy.shutdown({ drainTimeoutMs: 1000 });
});

Deno.test("K01 a held upload arrives whole, short or long", async () => {
  for (const size of [10, 1_000_000]) {
    await using upstream = new RawUpstream(async (conn) => {
      await conn.readHead();
      const body = await conn.readExactly(size);
      await conn.write(ok(String(body === "x".repeat(size))));
    });
    const proxy = startProxy();
    await using client = await RawConnection.open(proxy.port);
    const sent = client.write(head("POST /", `Content-Length: ${size}`) + "x".repeat(size));
    await until(() => proxy.counters.held === 1, "the request to be held");
    proxy.replace([{ key: "1", host: "127.0.0.1", port: upstream.port, alive: () => true }]);
    await sent;
    await client.readHead();
    assertEquals(await client.readExactly(4), "true");
    await proxy.shutdown({ drainTimeoutMs: 1000 });
  }
});

Deno.test("K01 a client that sends all before it reads gets its 503, and nothing is left of it", async () => {
  const proxy = startProxy({ queueTimeoutMs: 10 });
  await using client = await RawConnection.open(proxy.port);
  const size = 10_000_000;
  await client.write(head("POST /", `Content-Length: ${size}`));
  await client.writeBytes(new Uint8Array(size));
  assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 503 /);
  await proxy.shutdown({ drainTimeoutMs: 1000 });
});

Deno.test("K15 K03 item 70 requests in flight finish on the old version, the next goes to the new", async () => {
  const gate = latch();
  let started = 0;
  await using old = new RawUpstream(gated(gate.promise, "v1", () => started++));
  await using next = new RawUpstream(gated(Promise.resolve(), "v2"));
  const proxy = startProxy();
  proxy.replace([{ key: "1", host: "127.0.0.1", port: old.port, alive: () => true }]);
  const clients = await Promise.all([1, 2, 3].map(() => RawConnection.open(proxy.port)));
  for (const client of clients) await client.write(head("GET /"));
  await until(() => started === 3, "three requests in flight");
  proxy.replace([{ key: "2", host: "127.0.0.1", port: next.port, alive: () => true }]);
  const drained = proxy.drain("1", DRAIN);
  gate.resolve();
  for (const client of clients) {
    const answer = await client.readHead() ?? "";
    assertEquals(values(answer, "connection"), []);
    assertEquals(await client.readExactly(2), "v1");
    await client.write(head("GET /"));
    await client.readHead();
    assertEquals(await client.readExactly(2), "v2");
    client.close();
  }
  assertEquals(await drained, { finished: 3, cut: 0 });
  await proxy.shutdown({ drainTimeoutMs: 1000 });
});

Deno.test("K16 K20 item 64 a drain cuts: 504 before the head, a cut connection after it", async () => {
  let arrived = 0;
  const over = latch();
  await using rig = new Rig(async (conn) => {
    const request = await conn.readHead() ?? "";
    if (request.includes("/stream")) {
      await conn.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    }
    arrived++;
    await over.promise;
  });
  using _release = { [Symbol.dispose]: () => over.resolve() };
  const clients = await Promise.all(Array.from({ length: 20 }, () => rig.connect()));
  for (const [i, client] of clients.entries()) {
    await client.write(head(`GET /${i % 2 ? "stream" : "silent"}`));
    if (i % 2) await client.readUntil("abc\r\n");
  }
  await until(() => arrived === 20, "all requests to arrive");
  const report = await rig.proxy.drain("a", { timeoutMs: 10, tunnelGraceMs: 10 });
  assertEquals(report, { finished: 0, cut: 20 });
  for (const [i, client] of clients.entries()) {
    if (i % 2) assertEquals(await client.readAll(), "");
    else assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 504 /);
    client.close();
  }
  assertEquals(rig.proxy.counters.cut, 20);
});

Deno.test("K17 a drain without work is over at once, also of an unknown backend", async () => {
  await using rig = Rig.answering();
  await rig.ask(head("GET /"), 2);
  await until(() => rig.proxy.counters.inFlight === 0, "the request to end");
  assertEquals(await rig.proxy.drain("a", DRAIN), { finished: 0, cut: 0 });
  assertEquals(await rig.proxy.drain("?", DRAIN), { finished: 0, cut: 0 });
});

Deno.test("K22 a slow upload survives a roll", async () => {
  await using old = new RawUpstream(async (conn) => {
    await conn.readHead();
    const body = await conn.readExactly(10);
    await conn.write(ok(body));
  });
  await using next = new RawUpstream(gated(Promise.resolve(), "v2"));
  const proxy = startProxy();
  proxy.replace([{ key: "1", host: "127.0.0.1", port: old.port, alive: () => true }]);
  await using client = await RawConnection.open(proxy.port);
  await client.write(head("POST /", "Content-Length: 10") + "01234");
  await until(() => old.connections === 1, "the upload to begin");
  proxy.replace([{ key: "2", host: "127.0.0.1", port: next.port, alive: () => true }]);
  const drained = proxy.drain("1", DRAIN);
  await client.write("56789");
  await client.readHead();
  assertEquals(await client.readExactly(10), "0123456789");
  assertEquals(await drained, { finished: 1, cut: 0 });
  await proxy.shutdown({ drainTimeoutMs: 1000 });
});

Deno.test("K23 a large download survives a roll", async () => {
  const half = "x".repeat(1_000_000);
  const gate = latch();
  await using old = new RawUpstream(async (conn) => {
    await conn.readHead();
    await conn.write(`HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n${half}`);
    await gate.promise;
    await conn.write(half);
  });
  const proxy = startProxy();
  proxy.replace([{ key: "1", host: "127.0.0.1", port: old.port, alive: () => true }]);
  await using client = await RawConnection.open(proxy.port);
  await client.write(head("GET /"));
  await client.readHead();
  proxy.replace([]);
  const drained = proxy.drain("1", DRAIN);
  gate.resolve();
  assertEquals((await client.readExactly(2_000_000)) === half + half, true);
  assertEquals(await drained, { finished: 1, cut: 0 });
  await proxy.shutdown({ drainTimeoutMs: 1000 });
});

Deno.test("K48 item 62 a client that goes away ends the request of the application", async () => {
  let aborted = 0;
  await using rig = new Rig(async (conn) => {
    const request = await conn.readHead() ?? "";
    if (request.includes("/stream")) {
      await conn.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    }
    await conn.readAll();
    aborted++;
  });
  for (const [i, path] of ["/silent", "/stream", "/upload"].entries()) {
    const client = await rig.connect();
    await client.write(
      path === "/upload" ? head(`POST ${path}`, "Content-Length: 9") + "abc" : head(`GET ${path}`),
    );
    if (path === "/stream") await client.readUntil("abc\r\n");
    await until(() => rig.upstream.connections === i + 1, `${path} to arrive`);
    client.close();
    await until(() => aborted === i + 1, `${path} to be aborted`);
  }
  await until(() => rig.proxy.counters.inFlight === 0, "nothing in flight");
  assertEquals(rig.proxy.counters.clientGone, 3);
  assertEquals(await rig.proxy.drain("a", DRAIN), { finished: 0, cut: 0 });
});

Deno.test("item 69 shutdown() lets an upload finish, refuses new ones and serves the rest", async () => {
  await using rig = new Rig(async (conn) => {
    for (let request = await conn.readHead(); request; request = await conn.readHead()) {
      if (request.startsWith("POST")) await conn.readExactly(10);
      await conn.write(ok("v1"));
    }
  });
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

Deno.test("shutdown() waits for answers under way and cuts them in the end", async () => {
  await using rig = new Rig(async (conn) => {
    await conn.readHead();
    await conn.readAll();
  });
  await using client = await rig.connect();
  await client.write(head("GET /"));
  await until(() => rig.upstream.connections === 1, "the request to arrive");
  assertEquals(await rig.proxy.shutdown({ drainTimeoutMs: 20 }), { finished: 0, cut: 1 });
  assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 504 /);
});

Deno.test("shutdown() fails held requests at once and ends early when told to", async () => {
  const proxy = startProxy();
  await using client = await RawConnection.open(proxy.port);
  await client.write(head("GET /"));
  await until(() => proxy.counters.held === 1, "the request to be held");
  const hurry = new AbortController();
  const stopped = proxy.shutdown({ drainTimeoutMs: 60_000, signal: hurry.signal });
  assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 503 /);
  hurry.abort();
  await stopped;
});

Deno.test("B42 connections to a backend are kept for the next wave of requests", async () => {
  let connections = 0;
  const waves = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let seen = 0;
  await using rig = new Rig(async (conn) => {
    connections++;
    for (let wave = 0; await conn.readHead() !== null; wave++) {
      // Nobody is answered before all of the wave are there: each needs a connection of its own.
      if (++seen % 20 === 0) waves[seen / 20 - 1]!.resolve();
      await waves[Math.floor((seen - 1) / 20)]!.promise;
      await conn.write(ok());
    }
  });
  for (let wave = 0; wave < 2; wave++) {
    await Promise.all(Array.from({ length: 20 }, () => rig.ask(head("GET /"), 2)));
  }
  assertEquals(connections, 20);
});

Deno.test("idle connections to a backend are closed when it leaves", async () => {
  let ended = false;
  await using rig = new Rig(async (conn) => {
    await conn.readHead();
    await conn.write(ok());
    await conn.readAll();
    ended = true;
  });
  await rig.ask(head("GET /"), 2);
  assertEquals(ended, false);
  rig.proxy.remove("a");
  // Sooner than the 4 s after which an idle connection ends by itself.
  await until(() => ended, "the idle connection to end", 2000);
});

Deno.test("HTTP_PROXY does not lead the traffic of children away", async () => {
  Deno.env.set("HTTP_PROXY", "http://127.0.0.1:1");
  try {
    await using rig = Rig.answering();
    assertMatch(await rig.ask(head("GET /"), 2), /ok$/);
    assertEquals(Deno.env.get("HTTP_PROXY"), "http://127.0.0.1:1");
  } finally {
    Deno.env.delete("HTTP_PROXY");
  }
});
