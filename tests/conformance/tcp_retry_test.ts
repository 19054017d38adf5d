import { assertEquals } from "@std/assert";
import { until } from "./rig.ts";
import { echo, refusingPort, target, TcpRig } from "./tcp_rig.ts";

Deno.test("[tcp] connections take turns", async () => {
  await using rig = new TcpRig();
  const [a, b] = [rig.upstream(echo("a")), rig.upstream(echo("b"))];
  rig.proxy.replace([target(a.port), target(b.port)]);
  const banners = [];
  for (let i = 0; i < 4; i++) banners.push(await (await rig.client()).readExactly(2));
  assertEquals(banners, ["a>", "b>", "a>", "b>"]);
});

Deno.test("[tcp] R2 a backend that refuses is passed over", async () => {
  await using rig = new TcpRig();
  rig.proxy.replace([target(refusingPort()), target(rig.upstream(echo("b")).port)]);
  assertEquals(await (await rig.client()).readExactly(2), "b>");
  assertEquals(rig.proxy.counters.retried, { connect_failed: 1 });
});

Deno.test("[tcp] R2 a connection waits while its only backend refuses, for the next one", async () => {
  await using rig = new TcpRig();
  rig.proxy.replace([target(refusingPort())]);
  const client = await rig.client();
  await client.write("early ");
  await until(() => (rig.proxy.counters.retried.connect_failed ?? 0) > 0, "a refused connection");
  rig.proxy.replace([target(rig.upstream(echo("b")).port)]);
  assertEquals(await client.readExactly(8), "b>early ");
});

Deno.test("[tcp] R4 what was connected is never tried again", async () => {
  await using rig = new TcpRig();
  const upstream = rig.upstream(() => Promise.resolve());
  rig.proxy.replace([target(upstream.port), target(rig.upstream(echo("b")).port)]);
  const client = await rig.client();
  await client.write("INSERT");
  assertEquals(await client.readAll(), "");
  assertEquals(upstream.connections, 1);
  assertEquals(rig.proxy.counters.retried, {});
});

Deno.test("[tcp] connections are held while there is no backend", async () => {
  await using rig = new TcpRig();
  const clients = [await rig.client(), await rig.client()];
  for (const client of clients) await client.write("hello");
  await until(() => rig.proxy.counters.held === 2, "two held connections");
  rig.proxy.replace([target(rig.upstream(echo("a")).port)]);
  for (const client of clients) assertEquals(await client.readExactly(7), "a>hello");
});

Deno.test("[tcp] a held connection is closed when the queue is full or its time is up", async () => {
  await using rig = new TcpRig({ queueLimit: 1, queueTimeoutMs: 50 });
  const waiting = await rig.client();
  await until(() => rig.proxy.counters.held === 1, "a held connection");
  const tooMany = await rig.client();
  assertEquals(await tooMany.readAll(), "");
  assertEquals(await waiting.readAll(), "");
  await until(() => rig.log.length === 2, "both entries");
  const reasons = rig.log.flatMap(({ reasons }) => reasons).sort();
  assertEquals(reasons, ["queue_full", "queue_timeout"]);
  assertEquals(rig.proxy.counters.failed, 2);
});

Deno.test("[tcp] R12 a client that leaves while it is held reaches no backend", async () => {
  await using rig = new TcpRig();
  const client = await rig.client();
  await until(() => rig.proxy.counters.held === 1, "a held connection");
  client.close();
  await until(() => rig.proxy.counters.held === 0, "the end of the wait");
  const upstream = rig.upstream(echo("a"));
  rig.proxy.replace([target(upstream.port)]);
  await until(() => rig.log.length === 1, "the entry of the access log");
  assertEquals(rig.log[0]?.reasons, ["client_gone"]);
  assertEquals([upstream.connections, rig.proxy.counters.clientGone], [0, 1]);
});

Deno.test("[tcp] what a held client said before it left is delivered", async () => {
  await using rig = new TcpRig();
  const client = await rig.client();
  await client.write("a line for the log\n");
  client.close();
  await until(() => rig.proxy.counters.held === 1, "a held connection");
  const heard = Promise.withResolvers<string>();
  const upstream = rig.upstream(async (conn) => heard.resolve(await conn.readAll()));
  rig.proxy.replace([target(upstream.port)]);
  assertEquals(await heard.promise, "a line for the log\n");
});
