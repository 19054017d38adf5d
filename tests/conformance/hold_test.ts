import { assertEquals, assertMatch } from "@std/assert";
import { behaviour, item } from "./item.ts";
import { head, ok, RawConnection, RawUpstream } from "./raw.ts";
import { gated, startProxy, until, values } from "./rig.ts";

behaviour("K01 B32 a request without a backend is held and then served", async (engine) => {
  await using upstream = new RawUpstream(gated(Promise.resolve(), "v1"));
  const proxy = startProxy({ engine });
  await using client = await RawConnection.open(proxy.port);
  await client.write(head("POST /", "Content-Length: 0"));
  await until(() => proxy.counters.held === 1, "the request to be held");
  proxy.replace([{ key: "1", host: "127.0.0.1", port: upstream.port, alive: () => true }]);
  await client.readHead();
  assertEquals(await client.readExactly(2), "v1");
  await proxy.shutdown({ drainTimeoutMs: 1000 });
});

item(71, "K01 after the limit there is 503 with Retry-After", async (engine) => {
  const proxy = startProxy({ engine, queueTimeoutMs: 10 });
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

behaviour("a full queue answers 503 at once", async (engine) => {
  const proxy = startProxy({ engine, queueLimit: 1 });
  await using first = await RawConnection.open(proxy.port);
  await first.write(head("GET /"));
  await until(() => proxy.counters.held === 1, "the queue to fill");
  await using second = await RawConnection.open(proxy.port);
  await second.write(head("GET /"));
  assertMatch(await second.readHead() ?? "", /^HTTP\/1.1 503 /);
  await proxy.shutdown({ drainTimeoutMs: 0 });
  assertMatch(await first.readHead() ?? "", /^HTTP\/1.1 503 /);
});

behaviour("K01 a held upload arrives whole, short or long", async (engine) => {
  for (const size of [10, 1_000_000]) {
    await using upstream = new RawUpstream(async (conn) => {
      await conn.readHead();
      const body = await conn.readExactly(size);
      await conn.write(ok(String(body === "x".repeat(size))));
    });
    const proxy = startProxy({ engine });
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

item(65, "K01 a client that sends all before it reads gets its 503", async (engine) => {
  const proxy = startProxy({ engine, queueTimeoutMs: 10 });
  await using client = await RawConnection.open(proxy.port);
  const size = 10_000_000;
  await client.write(head("POST /", `Content-Length: ${size}`));
  await client.writeBytes(new Uint8Array(size));
  assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 503 /);
  await proxy.shutdown({ drainTimeoutMs: 1000 });
});
