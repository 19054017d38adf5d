import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { behaviour, item } from "./item.ts";
import { head, ok, RawConnection, RawUpstream } from "./raw.ts";
import { gated, Rig, startProxy, until, values } from "./rig.ts";

const DRAIN = { timeoutMs: 5000, tunnelGraceMs: 5000 };

behaviour("B24 a busy port is an error before anything else happens", async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  assertThrows(() => startProxy({ engine, port: rig.proxy.port }), Deno.errors.AddrInUse);
});

item(70, "K15 K03 what is in flight finishes, the next goes to the new", async (engine) => {
  const gate = Promise.withResolvers<void>();
  let started = 0;
  await using old = new RawUpstream(gated(gate.promise, "v1", () => started++));
  await using next = new RawUpstream(gated(Promise.resolve(), "v2"));
  const proxy = startProxy({ engine });
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

item(64, "K16 K20 a drain cuts: 504 before the head, a cut connection after it", async (engine) => {
  let arrived = 0;
  const over = Promise.withResolvers<void>();
  await using rig = new Rig(async (conn) => {
    const request = await conn.readHead() ?? "";
    if (request.includes("/stream")) {
      await conn.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    }
    arrived++;
    await over.promise;
  }, { engine });
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

behaviour("K17 a drain without work is over at once", async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  await rig.ask(head("GET /"), 2);
  await until(() => rig.proxy.counters.inFlight === 0, "the request to end");
  assertEquals(await rig.proxy.drain("a", DRAIN), { finished: 0, cut: 0 });
  assertEquals(await rig.proxy.drain("?", DRAIN), { finished: 0, cut: 0 });
});

behaviour("K22 a slow upload survives a roll", async (engine) => {
  await using old = new RawUpstream(async (conn) => {
    await conn.readHead();
    const body = await conn.readExactly(10);
    await conn.write(ok(body));
  });
  await using next = new RawUpstream(gated(Promise.resolve(), "v2"));
  const proxy = startProxy({ engine });
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

behaviour("K23 a large download survives a roll", async (engine) => {
  const half = "x".repeat(1_000_000);
  const gate = Promise.withResolvers<void>();
  await using old = new RawUpstream(async (conn) => {
    await conn.readHead();
    await conn.write(`HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n${half}`);
    await gate.promise;
    await conn.write(half);
  });
  const proxy = startProxy({ engine });
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

behaviour("B42 connections to a backend are kept for the next wave of requests", async (engine) => {
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
  }, { engine });
  for (let wave = 0; wave < 2; wave++) {
    await Promise.all(Array.from({ length: 20 }, () => rig.ask(head("GET /"), 2)));
  }
  assertEquals(connections, 20);
});

behaviour("idle connections to a backend are closed when it leaves", async (engine) => {
  let ended = false;
  await using rig = new Rig(async (conn) => {
    await conn.readHead();
    await conn.write(ok());
    await conn.readAll();
    ended = true;
  }, { engine });
  await rig.ask(head("GET /"), 2);
  assertEquals(ended, false);
  rig.proxy.remove("a");
  // Sooner than the 4 s after which an idle connection ends by itself.
  await until(() => ended, "the idle connection to end", 2000);
});

behaviour("HTTP_PROXY does not lead the traffic of children away", async (engine) => {
  Deno.env.set("HTTP_PROXY", "http://127.0.0.1:1");
  try {
    await using rig = Rig.answering(ok(), { engine });
    assertMatch(await rig.ask(head("GET /"), 2), /ok$/);
    assertEquals(Deno.env.get("HTTP_PROXY"), "http://127.0.0.1:1");
  } finally {
    Deno.env.delete("HTTP_PROXY");
  }
});
