import { assert, assertEquals } from "@std/assert";
import { ManualClock } from "../unit/proxy/manual_clock.ts";
import { until } from "./rig.ts";
import { echo, refusingPort, target, TcpRig } from "./tcp_rig.ts";

Deno.test("[tcp] B20 a client that does not close holds nothing of a dead backend", async () => {
  let alive = true;
  await using rig = new TcpRig();
  const upstream = rig.upstream(echo("a"));
  rig.proxy.replace([target(upstream.port, "a", () => alive)]);
  const client = await rig.client();
  await client.readExactly(2);
  alive = false;
  upstream.kill();
  await until(() => rig.log.length === 1, "the end of the connection");
  assertEquals(rig.log[0]?.reasons, ["backend_gone"]);
});

Deno.test("[tcp] B20 the same when its end is known only later", async () => {
  let alive = true;
  await using rig = new TcpRig();
  const upstream = rig.upstream(echo("a"));
  rig.proxy.replace([target(upstream.port, "a", () => alive)]);
  const client = await rig.client();
  await client.readExactly(2);
  upstream.kill();
  assertEquals(await client.readAll(), "");
  assertEquals(rig.log.length, 0);
  alive = false;
  rig.proxy.remove("a");
  await until(() => rig.log.length === 1, "the end of the connection");
  assertEquals(rig.log[0]?.reasons, ["backend_gone"]);
});

Deno.test("[tcp] K15 a roll leaves connections where they are; the drain waits for them", async () => {
  await using rig = new TcpRig();
  rig.proxy.replace([target(rig.upstream(echo("a")).port, "a")]);
  const old = await rig.client();
  await old.readExactly(2);
  rig.proxy.replace([target(rig.upstream(echo("b")).port, "b")]);
  const drained = rig.proxy.drain("a", { timeoutMs: 60_000, tunnelGraceMs: 0 });
  assertEquals(await (await rig.client()).readExactly(2), "b>");
  await old.write("still here");
  assertEquals(await old.readExactly(10), "still here");
  await old.closeWrite();
  assertEquals(await old.readAll(), "");
  assertEquals(await drained, { finished: 1, cut: 0 });
});

Deno.test("[tcp] K16 connections that do not end are cut, spread over the end of the drain", async () => {
  const clock = new ManualClock();
  let turn = 0;
  await using rig = new TcpRig({ clock, random: () => turn++ % 2 });
  rig.proxy.replace([target(rig.upstream(echo("a")).port, "a")]);
  const clients = [await rig.client(), await rig.client()];
  for (const client of clients) await client.readExactly(2);
  const drained = rig.proxy.drain("a", { timeoutMs: 10_000, tunnelGraceMs: 0 });
  await clock.advance(8_999);
  assertEquals(rig.proxy.counters.cut, 0);
  await clock.advance(1);
  assertEquals(rig.proxy.counters.cut, 1);
  await clock.advance(1_000);
  assertEquals(await drained, { finished: 0, cut: 2 });
  for (const client of clients) assertEquals(await client.readAll(), "");
  await until(() => rig.log.length === 2, "both entries");
  assertEquals(rig.log.flatMap(({ reasons }) => reasons), ["cut", "cut"]);
  await rig.proxy.shutdown({ drainTimeoutMs: 0 });
});

Deno.test("[tcp] 63 a connection on which nothing is said for too long is ended", async () => {
  const clock = new ManualClock();
  await using rig = new TcpRig({ clock, limits: { tunnelIdleTimeoutMs: 60_000 } });
  rig.proxy.replace([target(rig.upstream(echo("a")).port)]);
  const client = await rig.client();
  await client.readExactly(2);
  await clock.advance(59_000);
  await client.write("word");
  assertEquals(await client.readExactly(4), "word");
  await clock.advance(59_000);
  assertEquals(rig.log.length, 0);
  await clock.advance(2_000);
  assertEquals(await client.readAll(), "");
  await until(() => rig.log.length === 1, "the end of the connection");
  assertEquals(rig.log[0]?.reasons, ["idle"]);
});

Deno.test("[tcp] a shutdown waits for connections, then cuts what is left", async () => {
  await using rig = new TcpRig();
  rig.proxy.replace([target(rig.upstream(echo("a")).port)]);
  const [first, second] = [await rig.client(), await rig.client()];
  for (const client of [first, second]) await client.readExactly(2);
  const hurry = new AbortController();
  const report = rig.proxy.shutdown({ drainTimeoutMs: 60_000, signal: hurry.signal });
  await untilRefused(rig.proxy.port);
  await first.write("go on");
  assertEquals(await first.readExactly(5), "go on");
  await first.closeWrite();
  assertEquals(await first.readAll(), "");
  await until(() => rig.log.length === 1, "the end of the first connection");
  hurry.abort();
  assertEquals(await report, { finished: 1, cut: 1 });
  assertEquals(await second.readAll(), "");
});

Deno.test("[tcp] a shutdown closes held connections at once", async () => {
  await using rig = new TcpRig();
  const client = await rig.client();
  await until(() => rig.proxy.counters.held === 1, "a held connection");
  await rig.proxy.shutdown({ drainTimeoutMs: 60_000 });
  assertEquals(await client.readAll(), "");
  assertEquals(rig.log[0]?.reasons, ["stopping"]);
});

Deno.test("[tcp] the access log has one entry for each connection", async () => {
  await using rig = new TcpRig();
  rig.proxy.replace([target(refusingPort(), "a"), target(rig.upstream(echo("b")).port, "b")]);
  const client = await rig.client();
  await client.write("12345");
  await client.readExactly(7);
  await client.closeWrite();
  assertEquals(await client.readAll(), "");
  await until(() => rig.log.length === 1, "the entry of the access log");
  const { time, durationMs, ...entry } = rig.log[0]!;
  assert(Math.abs(Date.now() - time) < 60_000 && durationMs >= 0);
  assertEquals(entry, {
    client: "127.0.0.1",
    method: "-",
    target: `:${rig.proxy.port}`,
    protocol: "TCP",
    host: "",
    userAgent: "",
    referer: "",
    status: 0,
    requestBytes: 5,
    responseBytes: 7,
    backend: "b",
    version: "v-b",
    tries: 2,
    reasons: ["connect_failed"],
  });
});

/** Waits until nobody listens on `port` any more. */
async function untilRefused(port: number): Promise<void> {
  let refused = false;
  const ask = () =>
    Deno.connect({ hostname: "127.0.0.1", port })
      .then((conn) => conn.close(), () => refused = true);
  while (!refused) await ask();
}
