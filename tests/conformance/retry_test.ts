import { assertEquals, assertMatch } from "@std/assert";
import { freePorts } from "../../scripts/lib/free_ports.ts";
import type { EngineName } from "../../src/proxy/engines.ts";
import { behaviour, item, RELAY } from "./item.ts";
import { head, ok, RawConnection, RawUpstream } from "./raw.ts";
import { Rig, startProxy, until, values } from "./rig.ts";

/** Serves one request, then reads the second one in full and closes without an answer. */
function dieOnSecond(seen: string[], bodyBytes: number) {
  return async (conn: RawConnection, index: number) => {
    for (let served = 0;; served++) {
      const request = await conn.readHead();
      if (request === null) return;
      const sized = values(request, "content-length")[0] === String(bodyBytes);
      seen.push(request.split(" ")[0] + (sized ? await conn.readExactly(bodyBytes) : ""));
      if (index === 0 && served === 1) return;
      await conn.write(ok());
    }
  };
}

behaviour("R4 B33 a POST that arrived is never sent twice, wherever it went", async (engine) => {
  for (const method of ["POST", "PATCH", "FOO"]) {
    const seen: string[] = [];
    await using rig = new Rig(async (conn) => {
      const request = await conn.readHead() ?? "";
      seen.push(request.split(" ")[0] ?? "");
      if (!request.startsWith("GET")) {
        await conn.readExactly(3);
        return;
      }
      await conn.write(ok());
      await conn.readHead().then((next) => next && seen.push(`reused ${next.split(" ")[0]}`));
    }, { engine });
    await rig.ask(head("GET /"), 2);
    const answer = await rig.ask(head(`${method} /`, "Content-Length: 3") + "abc");
    assertMatch(answer, /^HTTP\/1.1 502 /);
    assertEquals(seen.filter((line) => line.includes(method)).length, 1);
  }
});

behaviour("R4 B39 a GET on a connection that turns out dead is answered", async (engine) => {
  const seen: string[] = [];
  await using rig = new Rig(dieOnSecond(seen, 3), { engine });
  assertMatch(await rig.ask(head("GET /"), 2), /ok$/);
  assertMatch(await rig.ask(head("GET /"), 2), /ok$/);
  assertEquals(seen, ["GET", "GET", "GET"]);
});

behaviour("R4 the retry after a connection that turned out dead is free", RELAY, async (engine) => {
  const seen: string[] = [];
  await using rig = new Rig(async (conn, index) => {
    for (let served = 0; await conn.readHead(); served++) {
      seen.push(`${index}`);
      if (index > 0 || served > 0) return;
      await conn.write(ok());
    }
  }, { engine });
  await rig.ask(head("GET /"), 2);
  assertMatch(await rig.ask(head("GET /")), /^HTTP\/1.1 502 /);
  assertEquals(seen, ["0", "0", "1", "2", "3"]);
});

behaviour("R4 a PUT with a body is sent again in full", async (engine) => {
  const seen: string[] = [];
  await using rig = new Rig(dieOnSecond(seen, 3), { engine });
  await rig.ask(head("GET /"), 2);
  assertMatch(await rig.ask(head("PUT /", "Content-Length: 3") + "abc", 2), /ok$/);
  assertEquals(seen, ["GET", "PUTabc", "PUTabc"]);
  assertEquals(rig.proxy.counters.retried, { closed_before_head: 1 });
});

behaviour("R4 a body beyond the replay buffer is not sent again", RELAY, async (engine) => {
  for (const [size, answers] of [[20, / 200 .*ok$/s], [21, / 502 /]] as const) {
    const seen: string[] = [];
    const options = { engine, replayBufferBytes: 20 };
    await using rig = new Rig(dieOnSecond(seen, size), options);
    await rig.ask(head("GET /"), 2);
    const request = head("PUT /", `Content-Length: ${size}`) + "x".repeat(size);
    assertMatch(await rig.ask(request, 2), answers);
    assertEquals(seen.filter((line) => line.startsWith("PUT")).length, size === 20 ? 2 : 1);
  }
});

behaviour("R4 a POST with an Idempotency-Key may be sent again", async (engine) => {
  for (const name of ["Idempotency-Key", "x-idempotency-key"]) await assertRepeated(engine, name);
});

async function assertRepeated(engine: EngineName, header: string): Promise<void> {
  let posts = 0;
  await using rig = new Rig(async (conn) => {
    await conn.readHead();
    await conn.readExactly(1);
    if (++posts > 1) await conn.write(ok());
  }, { engine });
  const request = head("POST /", `${header}: k`, "Content-Length: 1") + "a";
  assertMatch(await rig.ask(request, 2), /ok$/);
  assertEquals(posts, 2);
}

behaviour("R5 a backend that closes every connection is tried, then 502", async (engine) => {
  let requests = 0;
  await using rig = new Rig(async (conn) => {
    if (await conn.readHead()) requests++;
  }, { engine });
  assertMatch(await rig.ask(head("GET /")), /^HTTP\/1.1 502 /);
  // `fetch` does not tell whether a connection was fresh, so that one more retry is free.
  assertEquals(requests, engine === "fetch" ? 4 : 3);
  const drain = { timeoutMs: 0, tunnelGraceMs: 0 };
  assertEquals(await rig.proxy.drain("a", drain), { finished: 0, cut: 0 }, "no claim is left");
});

behaviour("R2 a refused backend is passed over for one that serves", async (engine) => {
  await using upstream = new RawUpstream(async (conn) => {
    await conn.readHead();
    await conn.readExactly(300_000);
    await conn.write(ok());
  });
  const proxy = startProxy({ engine });
  const [dead] = freePorts(1) as [number];
  const alive = () => true;
  proxy.replace([
    { key: "dead", host: "127.0.0.1", port: dead, alive },
    { key: "live", host: "127.0.0.1", port: upstream.port, alive },
  ]);
  await using client = await RawConnection.open(proxy.port);
  await client.write(head("POST /", "Content-Length: 300000") + "x".repeat(300_000));
  assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 200 /);
  assertEquals(proxy.counters.retried, { connect_failed: 1 });
  await proxy.shutdown({ drainTimeoutMs: 0 });
});

behaviour("R1 R11 K26 requests on a backend that dies go to its successor", async (engine) => {
  let alive = true;
  let arrived = 0;
  const first = new RawUpstream(async (conn) => {
    if (await conn.readHead()) arrived++;
    await conn.readAll();
  });
  await using second = new RawUpstream(async (conn) => {
    for (let next = await conn.readHead(); next; next = await conn.readHead()) {
      await conn.write(ok("v2"));
    }
  });
  const proxy = startProxy({ engine });
  proxy.replace([{ key: "1", host: "127.0.0.1", port: first.port, alive: () => alive }]);
  const asked = Array.from({ length: 20 }, async () => {
    await using client = await RawConnection.open(proxy.port);
    await client.write(head("GET /"));
    return await client.readHead() + await client.readExactly(2);
  });
  await until(() => arrived === 20, "all requests to arrive");
  await first[Symbol.asyncDispose]();
  alive = false;
  proxy.remove("1");
  await until(() => proxy.counters.held === 20, "all requests to be held");
  proxy.replace([{ key: "2", host: "127.0.0.1", port: second.port, alive: () => true }]);
  for (const answer of await Promise.all(asked)) assertMatch(answer, /^HTTP\/1.1 200 .*v2$/s);
  assertEquals(proxy.counters.failed, 0);
  await proxy.shutdown({ drainTimeoutMs: 1000 });
});

behaviour("R2 a backend that refuses for a moment costs no request", async (engine) => {
  const [port] = freePorts(1) as [number];
  const proxy = startProxy({ engine });
  proxy.replace([{ key: "a", host: "127.0.0.1", port, alive: () => true }]);
  await using client = await RawConnection.open(proxy.port);
  await client.write(head("POST /", "Content-Length: 1") + "x");
  await until(() => (proxy.counters.retried.connect_failed ?? 0) > 3, "some refusals");
  await using _late = new RawUpstream(async (conn) => {
    await conn.readHead();
    await conn.write(ok());
  }, port);
  assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 200 /);
  await proxy.shutdown({ drainTimeoutMs: 1000 });
});

item(64, "R6 B41 a backend that never answers is a 504, asked once", async (engine) => {
  let requests = 0;
  await using rig = new Rig(async (conn) => {
    if (await conn.readHead()) requests++;
    await conn.readAll();
  }, { engine, responseHeadTimeoutMs: 30 });
  assertMatch(await rig.ask(head("GET /")), /^HTTP\/1.1 504 /);
  assertEquals(requests, 1);
});

behaviour("R6 K22 the head timeout does not run during a slow upload", async (engine) => {
  await using rig = new Rig(async (conn) => {
    await conn.readHead();
    await conn.readExactly(5);
    await conn.write(ok());
  }, { engine, responseHeadTimeoutMs: 60 });
  await using client = await rig.connect();
  await client.write(head("POST /", "Content-Length: 5"));
  for (const byte of "hello") {
    await new Promise((resolve) => setTimeout(resolve, 25));
    await client.write(byte);
  }
  assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 200 /);
});

behaviour("R6 a backend that takes no more of an upload is a 504", async (engine) => {
  const over = Promise.withResolvers<void>();
  await using rig = new Rig(() => over.promise, { engine, responseHeadTimeoutMs: 100 });
  await using client = await rig.connect();
  const size = 50_000_000;
  await client.write(head("POST /", `Content-Length: ${size}`));
  const sent = client.writeBytes(new Uint8Array(size)).catch(() => {});
  assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 504 /);
  client.close();
  await sent;
  over.resolve();
});

behaviour("R7 a malformed head is a 502, asked once", async (engine) => {
  await using rig = Rig.answering("HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\n", { engine });
  assertMatch(await rig.ask(head("GET /")), /^HTTP\/1.1 502 /);
  assertEquals(rig.heads.length, 1);
});

behaviour("R8 chosen statuses are repeated, then passed on", async (engine) => {
  const options = { engine, retryStatus: [503] };
  await using rig = Rig.answering("HTTP/1.1 503 x\r\nContent-Length: 4\r\n\r\noops", options);
  const answer = await rig.ask(head("GET /"), 4);
  assertMatch(answer, /^HTTP\/1.1 503 .*oops$/s);
  assertEquals(rig.heads.length, 3);
  await rig.ask(head("POST /"), 4);
  assertEquals(rig.heads.length, 4);
});

behaviour("K11 B33 two backends take turns", async (engine) => {
  const upstreams = ["a", "b"].map((name) =>
    new RawUpstream(async (conn) => {
      while (await conn.readHead()) await conn.write(ok(name));
    })
  );
  const proxy = startProxy({ engine });
  proxy.replace(
    upstreams.map(({ port }, i) => ({ key: `${i}`, host: "127.0.0.1", port, alive: () => true })),
  );
  await using client = await RawConnection.open(proxy.port);
  let names = "";
  for (let i = 0; i < 4; i++) {
    await client.write(head("GET /"));
    await client.readHead();
    names += await client.readExactly(1);
  }
  assertEquals(names, "abab");
  for (const upstream of upstreams) await upstream[Symbol.asyncDispose]();
  await proxy.shutdown({ drainTimeoutMs: 100 });
});
