import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { behaviour } from "./item.ts";
import { head, RawConnection } from "./raw.ts";
import { until } from "./rig.ts";
import { Client, Echo, HANDSHAKE } from "./websocket.ts";

behaviour("K28 a WebSocket that waits opens when it is released", async (engine) => {
  await using app = new Echo(engine, (socket) => socket.send("hello"));
  app.proxy.hold(true);
  const client = new Client(app.proxy.port);
  await until(() => app.proxy.counters.held === 1, "the handshake to be held");
  assertEquals(app.requests.length, 0);
  app.proxy.hold(false);
  await client.opened();
  client.socket.send("echo");
  await until(() => client.messages.length === 2, "both messages");
  assertEquals(client.messages, ["hello", "echo"]);
  client.socket.close(1000);
  await client.ended();
  await until(() => app.proxy.counters.inFlight === 0, "the tunnel to end");
  const { total, durations } = app.proxy.counters;
  assertEquals([total, durations.count], [1, 0], "a tunnel is not a request that takes so long");
});

behaviour("an open WebSocket goes on while requests are held or refused", async (engine) => {
  await using app = new Echo(engine);
  const client = await new Client(app.proxy.port).opened();
  app.proxy.hold(true);
  app.proxy.maintenance("Back soon.");
  client.socket.send("still here");
  await until(() => client.messages.length === 1, "the echo");
  client.socket.close(1000);
  await client.ended();
});

behaviour("K30 in maintenance a WebSocket is refused with 503 and the message", async (engine) => {
  await using app = new Echo(engine);
  app.proxy.maintenance("Back soon.");
  await using client = await RawConnection.open(app.proxy.port);
  await client.write(head("GET /chat", ...HANDSHAKE));
  assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 503 [^]*\r\nretry-after: 1\r\n/i);
  assertStringIncludes(await client.read() ?? "", "Back soon.");
  assertEquals([app.requests.length, app.proxy.counters.durations.count], [0, 1]);
});

behaviour("K31 a WebSocket that waits is refused when maintenance begins", async (engine) => {
  await using app = new Echo(engine);
  app.proxy.hold(true);
  const client = new Client(app.proxy.port);
  await until(() => app.proxy.counters.held === 1, "the handshake to be held");
  app.proxy.maintenance("Back soon.");
  await client.ended();
  assertEquals([app.requests.length, app.proxy.counters.held], [0, 0]);
});

behaviour("K34 a WebSocket whose client leaves while it waits never opens", async (engine) => {
  await using app = new Echo(engine);
  app.proxy.hold(true);
  const client = await RawConnection.open(app.proxy.port);
  await client.write(head("GET /chat", ...HANDSHAKE));
  await until(() => app.proxy.counters.held === 1, "the handshake to be held");
  client.close();
  await until(() => app.proxy.counters.held === 0, "the queue to be empty");
  app.proxy.hold(false);
  await using next = await RawConnection.open(app.proxy.port);
  await next.write(head("GET /chat", ...HANDSHAKE));
  assertMatch(await next.readHead() ?? "", /^HTTP\/1.1 101 /);
  assertEquals([app.requests.length, app.proxy.counters.clientGone], [1, 1]);
});
