import { assertEquals } from "@std/assert";
import { until } from "./rig.ts";
import { echo, target, TcpRig } from "./tcp_rig.ts";

Deno.test("K28 a TCP connection that waits goes on when it is released, with what it said", async () => {
  await using rig = new TcpRig();
  const app = rig.upstream(echo("v1"));
  rig.proxy.replace([target(app.port)]);
  rig.proxy.hold(true);
  const client = await rig.client();
  await client.write("hello");
  await until(() => rig.proxy.counters.held === 1, "the connection to be held");
  assertEquals(app.connections, 0);
  rig.proxy.hold(false);
  assertEquals(await client.readExactly(8), "v1>hello");
});

Deno.test("K29 W5 a held TCP connection is closed after the time, or when too many wait", async () => {
  await using rig = new TcpRig({ queueTimeoutMs: 50, queueLimit: 1 });
  const app = rig.upstream(echo("v1"));
  rig.proxy.replace([target(app.port)]);
  rig.proxy.hold(true);
  const [first, second] = [await rig.client(), await rig.client()];
  assertEquals([await first.readAll(), await second.readAll()], ["", ""]);
  await until(() => rig.log.length === 2, "both to be logged");
  const reasons = rig.log.map(({ reasons }) => reasons.join()).toSorted();
  assertEquals(reasons, ["queue_full", "queue_timeout"]);
  assertEquals([app.connections, rig.proxy.counters.failed], [0, 2]);
});

Deno.test("K30 K31 in maintenance TCP connections are closed at once, also those that wait", async () => {
  await using rig = new TcpRig({ queueTimeoutMs: 60_000 });
  const app = rig.upstream(echo("v1"));
  rig.proxy.replace([target(app.port)]);
  const open = await rig.client();
  assertEquals(await open.readExactly(3), "v1>");
  rig.proxy.hold(true);
  const waiting = await rig.client();
  await until(() => rig.proxy.counters.held === 1, "the connection to be held");
  rig.proxy.maintenance("Back soon.");
  const late = await rig.client();
  assertEquals([await waiting.readAll(), await late.readAll()], ["", ""]);
  await until(() => rig.log.length === 2, "both to be logged");
  assertEquals(rig.log.map(({ reasons }) => reasons), [["maintenance"], ["maintenance"]]);
  await open.write("still here");
  assertEquals(await open.readExactly(10), "still here");
  assertEquals(app.connections, 1);
});

Deno.test("K33 a switch changes nothing for held TCP connections but where they go", async () => {
  await using rig = new TcpRig();
  const [v1, v2] = [rig.upstream(echo("v1")), rig.upstream(echo("v2"))];
  rig.proxy.replace([target(v1.port)]);
  rig.proxy.hold(true);
  const client = await rig.client();
  await until(() => rig.proxy.counters.held === 1, "the connection to be held");
  rig.proxy.replace([target(v2.port)]);
  rig.proxy.maintenance(null);
  assertEquals([v1.connections, v2.connections, rig.proxy.counters.held], [0, 0, 1]);
  rig.proxy.hold(false);
  assertEquals(await client.readExactly(3), "v2>");
});

Deno.test("K34 a TCP client that leaves while it waits never reaches the application", async () => {
  await using rig = new TcpRig();
  const app = rig.upstream(echo("v1"));
  rig.proxy.replace([target(app.port)]);
  rig.proxy.hold(true);
  const client = await rig.client();
  await until(() => rig.proxy.counters.held === 1, "the connection to be held");
  client.close();
  await until(() => rig.log.length === 1, "it to be logged");
  rig.proxy.hold(false);
  assertEquals([rig.log[0]?.reasons, app.connections], [["client_gone"], 0]);
  const { total, durations } = rig.proxy.counters;
  assertEquals([total, durations.count], [1, 1]);
});
