import { assertEquals, assertMatch } from "@std/assert";
import { behaviour, item, RELAY } from "./item.ts";
import { head } from "./raw.ts";
import { Rig, startProxy, until } from "./rig.ts";
import { Client, Echo, HANDSHAKE } from "./websocket.ts";

behaviour("R12 a WebSocket is held and retried like a GET until it is open", async (engine) => {
  const proxy = startProxy({ engine });
  const client = new Client(proxy.port);
  await until(() => proxy.counters.held === 1, "the handshake to be held");
  await using app = new Echo(engine);
  const target = { host: "127.0.0.1", port: app.proxy.port, alive: () => true };
  proxy.replace([{ ...target, key: "b" }]);
  await client.opened();
  client.socket.close();
  await client.ended();
  await proxy.shutdown({ drainTimeoutMs: 1000 });
});

behaviour("R12 a WebSocket to a silent backend is a 504", async (engine) => {
  await using rig = new Rig(async (conn) => void await conn.readAll(), {
    engine,
    responseHeadTimeoutMs: 30,
  });
  assertMatch(await rig.ask(head("GET /", ...HANDSHAKE)), /^HTTP\/1.1 504 /);
});

item(55, "K18 a drain closes tunnels with 1012 after their grace", async (engine) => {
  await using app = new Echo(engine);
  const client = await new Client(app.proxy.port).opened();
  const report = await app.proxy.drain("a", { timeoutMs: 60_000, tunnelGraceMs: 10 });
  assertEquals(report, { finished: 0, cut: 1 });
  assertEquals(await client.ended(), "1012 Service restart");
  await until(() => app.closes.length === 1, "the application to see the end");
  assertEquals(app.proxy.counters.cut, 1);
});

behaviour("K19 messages still pass during the grace", async (engine) => {
  await using app = new Echo(engine);
  const client = await new Client(app.proxy.port).opened();
  const hurry = new AbortController();
  const drain = { timeoutMs: 60_000, tunnelGraceMs: 60_000, signal: hurry.signal };
  const drained = app.proxy.drain("a", drain);
  client.socket.send("still here");
  await until(() => client.messages.length === 1, "an echo");
  hurry.abort();
  assertEquals(await drained, { finished: 0, cut: 1 });
  await client.ended();
});

behaviour("a client that ends its tunnel finishes a drain", async (engine) => {
  await using app = new Echo(engine);
  const client = await new Client(app.proxy.port).opened();
  const drained = app.proxy.drain("a", { timeoutMs: 60_000, tunnelGraceMs: 60_000 });
  client.socket.close(1000);
  assertEquals(await drained, { finished: 1, cut: 0 });
  await client.ended();
});

item(55, "a client that is sending when its tunnel ends is not reset", RELAY, async (engine) => {
  await using rig = new Rig(async (conn) => {
    await conn.readHead();
    await conn.write("HTTP/1.1 101 x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    await conn.readAll();
  }, { engine });
  await using client = await rig.connect();
  await client.write(head("GET /", ...HANDSHAKE));
  await client.readHead();
  await rig.proxy.drain("a", { timeoutMs: 60_000, tunnelGraceMs: 0 });
  // The second one would meet the reset that the first one has brought about.
  for (let n = 0; n < 20; n++) {
    await client.write("\x81\x82mask\x05\x08");
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assertEquals(await client.readAll(), "\x88\x11\x03\xf4Service restart");
});

item(55, "a tunnel cut inside of a frame ends, whatever the client says", RELAY, async (engine) => {
  await using rig = new Rig(async (conn) => {
    await conn.readHead();
    await conn.write(
      "HTTP/1.1 101 x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n" +
        "\x82\x7eab only the beginning",
    );
    await conn.readAll();
  }, { engine });
  await using client = await rig.connect();
  await client.write(head("GET /", ...HANDSHAKE));
  await client.readUntil("beginning");
  const chatter = setInterval(() => client.write("ping").catch(() => {}), 20);
  await rig.proxy.drain("a", { timeoutMs: 60_000, tunnelGraceMs: 10 });
  assertEquals(await client.readAll().finally(() => clearInterval(chatter)), "");
});

behaviour("shutdown() closes tunnels with 1001", async (engine) => {
  await using app = new Echo(engine);
  const client = await new Client(app.proxy.port).opened();
  await app.proxy.shutdown({ drainTimeoutMs: 5000 });
  assertMatch(await client.ended(), /^1001 /);
});
