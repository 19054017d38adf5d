/** Bodies that are still coming while something else happens to their request. */
import { assertEquals, assertMatch } from "@std/assert";
import { behaviour, item, RELAY } from "./item.ts";
import { head, ok, RawConnection, RawUpstream } from "./raw.ts";
import { firstLine, Rig, startProxy, until, values } from "./rig.ts";

const UNAVAILABLE = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";
const SWITCH = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n";
const CONTINUE = "HTTP/1.1 100 Continue\r\nX-From: application\r\n\r\n";
const HINTS = "HTTP/1.1 103 Early Hints\r\n\r\n";

behaviour("R8 what comes of a body between two tries is not lost", RELAY, async (engine) => {
  const size = 300_000;
  // Nearly all that is kept for another try.
  const known = 60_000;
  const refused = Promise.withResolvers<void>();
  let seen = "";
  await using rig = new Rig(async (conn, index) => {
    await conn.readHead();
    if (index === 0) {
      await conn.readExactly(known);
      await conn.write(UNAVAILABLE);
      return refused.resolve();
    }
    seen = await conn.readExactly(size);
    await conn.write(ok());
  }, { engine, retryStatus: [503], random: () => 0.99 });
  await using client = await rig.connect();
  const body = Array.from({ length: size / 10 }, (_, i) => String(i).padStart(10, "0")).join("");
  await client.write(head("PUT /", `Content-Length: ${size}`) + body.slice(0, known));
  await refused.promise;
  await until(() => (rig.proxy.counters.retried.status ?? 0) > 0, "the retry");
  await client.write(body.slice(known));
  assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 200 /);
  assertEquals(seen === body, true);
});

item(53, "protocols are not switched before the request is complete", RELAY, async (engine) => {
  await using rig = new Rig(async (conn) => {
    await conn.readHead();
    await conn.write(SWITCH);
    await conn.readAll();
  }, { engine });
  const request = head("POST /", "Connection: Upgrade", "Upgrade: echo", "Content-Length: 10");
  await using client = await rig.connect();
  await client.write(request);
  assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 502 /);
});

item(43, "a 103 does not keep us from asking for the body", RELAY, async (engine) => {
  await using rig = new Rig(async (conn) => {
    await conn.readHead();
    await conn.write(HINTS);
    await conn.readExactly(4);
    await conn.write(ok());
  }, { engine });
  await using client = await rig.connect();
  await client.write(head("POST /", "Expect: 100-continue", "Content-Length: 4"));
  assertEquals(await client.readHead(), HINTS);
  assertEquals(firstLine(await client.readHead()), "HTTP/1.1 100 Continue");
  await client.write("body");
  assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 200 /);
});

item(43, "R4 the second try's own 100 reaches the client", RELAY, async (engine) => {
  await using rig = new Rig(async (conn, index) => {
    await conn.readHead();
    if (index === 0) {
      await conn.write(ok());
      await conn.readHead();
      return;
    }
    await conn.write(CONTINUE);
    await conn.readExactly(4);
    await conn.write(ok());
  }, { engine });
  await using client = await rig.connect();
  await client.write(head("GET /"));
  await client.readHead();
  await client.readExactly(2);
  await client.write(head("PUT /", "Expect: 100-continue", "Content-Length: 4"));
  assertEquals(values(await client.readHead() ?? "", "x-from"), ["application"]);
  await client.write("body");
  assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 200 /);
});

item(43, "who sends a body unasked is not asked for it", RELAY, async (engine) => {
  const late = Promise.withResolvers<void>();
  const upstream = new RawUpstream(async (conn) => {
    await conn.readHead();
    await conn.readExactly(4);
    await late.promise;
    await conn.write(ok());
  });
  await using _upstream = upstream;
  const proxy = startProxy({ engine });
  proxy.replace([{ key: "a", host: "127.0.0.1", port: upstream.port, alive: () => true }]);
  await using client = await RawConnection.open(proxy.port);
  await client.write(head("POST /", "Expect: 100-continue", "Content-Length: 4"));
  await until(() => proxy.counters.inFlight === 1, "the request");
  await client.write("body");
  // Past the time after which we would ask.
  await new Promise((resolve) => setTimeout(resolve, 1400));
  late.resolve();
  assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 200 /);
  await proxy.shutdown({ drainTimeoutMs: 100 });
});
