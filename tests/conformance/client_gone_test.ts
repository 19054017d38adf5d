import type { AccessEntry } from "../../src/proxy/access_log.ts";
import { assertEquals } from "@std/assert";
import { behaviour, item, RELAY } from "./item.ts";
import { head, RawConnection, RawUpstream } from "./raw.ts";
import { gated, Rig, startProxy, until } from "./rig.ts";

const DRAIN = { timeoutMs: 5000, tunnelGraceMs: 5000 };

behaviour("K34 a held client that goes away never reaches the application", async (engine) => {
  let requests = 0;
  await using upstream = new RawUpstream(gated(Promise.resolve(), "v1", () => requests++));
  const proxy = startProxy({ engine, queueTimeoutMs: 60_000 });
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

behaviour("K34 a held client that leaves in its upload leaves the line", async (engine) => {
  const proxy = startProxy({ engine, queueTimeoutMs: 60_000 });
  const client = await RawConnection.open(proxy.port);
  await client.write(head("POST /", "Content-Length: 10") + "abc");
  await until(() => proxy.counters.held === 1, "the request to be held");
  client.close();
  await until(() => proxy.counters.held === 0, "the waiter to leave");
  assertEquals(proxy.counters.clientGone, 1);
  await proxy.shutdown({ drainTimeoutMs: 1000 });
});

item(62, "K48 a client that goes away ends the request of the application", async (engine) => {
  let aborted = 0;
  await using rig = new Rig(async (conn) => {
    const request = await conn.readHead() ?? "";
    if (request.includes("/stream")) {
      await conn.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    }
    await conn.readAll();
    aborted++;
  }, { engine });
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

item(62, "a client that closes its sending side counts as gone", async (engine) => {
  let aborted = false;
  await using rig = new Rig(async (conn) => {
    await conn.readHead();
    await conn.readAll();
    aborted = true;
  }, { engine });
  await using client = await rig.connect();
  await client.write(head("GET /"));
  await until(() => rig.upstream.connections === 1, "the request to arrive");
  await client.closeWrite();
  await until(() => aborted, "the request to be aborted");
  assertEquals(await client.readAll(), "");
  assertEquals(rig.proxy.counters.clientGone, 1);
});

item(62, "a client that resets its connection ends the request", RELAY, async (engine) => {
  let aborted = false;
  await using rig = new Rig(async (conn) => {
    await conn.readHead();
    await conn.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
    // What a client has not read when it closes makes its system send a reset.
    for (const block = new Uint8Array(65536); !aborted;) {
      await conn.writeBytes(block).catch(() => aborted = true);
    }
  }, { engine });
  const client = await rig.connect();
  await client.write(head("GET /"));
  await client.readHead();
  client.close();
  await until(() => aborted, "the answer to be aborted");
  await until(() => rig.proxy.counters.clientGone === 1, "the client to be counted");
});

item(62, "a client that left is a 499 in the access log", async (engine) => {
  const entries: AccessEntry[] = [];
  const accessLog = { record: (entry: AccessEntry) => void entries.push(entry) };
  await using rig = new Rig(async (conn) => void await conn.readAll(), { engine, accessLog });
  const client = await rig.connect();
  await client.write(head("GET /a"));
  await until(() => rig.upstream.connections === 1, "the request to arrive");
  client.close();
  await until(() => entries.length === 1, "the entry of the request");
  assertEquals(entries.map(({ status, target }) => [status, target]), [[499, "/a"]]);
});
