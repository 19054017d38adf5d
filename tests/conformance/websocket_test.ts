import { assertEquals, assertMatch } from "@std/assert";
import { FETCH, item } from "./item.ts";
import { head, ok, RawConnection } from "./raw.ts";
import { Rig, until, values } from "./rig.ts";
import { acceptKey, Client, Echo, HANDSHAKE } from "./websocket.ts";

item(52, "K44 text and binary messages pass both ways", async (engine) => {
  await using app = new Echo(engine);
  const client = await new Client(app.proxy.port).opened();
  client.socket.send("h\u00e9llo");
  client.socket.send(new Uint8Array([0, 255, 7]));
  client.socket.send("x".repeat(1_000_000));
  await until(() => client.messages.length === 3, "three echoes");
  assertEquals(client.messages[0], "h\u00e9llo");
  assertEquals(new Uint8Array(client.messages[1] as ArrayBuffer), new Uint8Array([0, 255, 7]));
  assertEquals((client.messages[2] as string).length, 1_000_000);
  client.socket.close();
  await client.ended();
});

item(52, "the handshake keeps its target, origin, cookies and sub-protocol", async (engine) => {
  await using app = new Echo(engine);
  const client = await new Client(app.proxy.port, "/chat%2F?a=;b", {
    protocols: ["one", "two"],
    headers: { origin: "https://o.example", cookie: "a=1", "x-forwarded-for": "9.9.9.9" },
  }).opened();
  assertEquals(client.socket.protocol, "two");
  const { url, headers } = app.requests[0] ?? { url: "", headers: new Headers() };
  assertEquals(url, `http://127.0.0.1:${app.proxy.port}/chat%2F?a=;b`);
  assertEquals(headers.get("host"), `127.0.0.1:${app.proxy.port}`);
  assertEquals(headers.get("origin"), "https://o.example");
  assertEquals(headers.get("cookie"), "a=1");
  assertEquals(headers.get("sec-websocket-protocol"), "one, two");
  assertEquals(headers.get("x-forwarded-for"), "127.0.0.1");
  client.socket.close();
  await client.ended();
});

item(52, "messages that the application sends at once are not lost", async (engine) => {
  await using app = new Echo(
    engine,
    (socket) => ["a", "b", "c"].forEach((text) => socket.send(text)),
  );
  const client = new Client(app.proxy.port);
  await until(() => client.messages.length === 3, "three messages");
  assertEquals(client.messages, ["a", "b", "c"]);
  client.socket.close();
  await client.ended();
});

item(52, "an application that speaks and closes at once is heard", async (engine) => {
  await using app = new Echo(engine, (socket) => {
    socket.send("bye");
    socket.close(4000, "that was it");
  });
  const client = new Client(app.proxy.port);
  assertEquals(await client.ended(), "4000 that was it");
  assertEquals(client.messages, ["bye"]);
});

item(52, "close codes and reasons pass from the application to the client", async (engine) => {
  await using app = new Echo(engine);
  for (const [code, text] of [[1000, "done"], [1001, "x"], [1011, "x"], [4002, "own"]] as const) {
    const client = await new Client(app.proxy.port).opened();
    app.sockets.at(-1)?.close(code, text);
    assertEquals(await client.ended(), `${code} ${text}`);
  }
  const client = await new Client(app.proxy.port).opened();
  app.sockets.at(-1)?.close();
  assertEquals(await client.ended(), "1005 ");
});

item(52, "close codes and reasons pass from the client to the application", async (engine) => {
  await using app = new Echo(engine);
  for (const [code, text] of [[1000, "done"], [4001, "own"]] as const) {
    const client = await new Client(app.proxy.port).opened();
    client.socket.close(code, text);
    await client.ended();
    await until(() => app.closes.length > 0, "the close to arrive");
    assertEquals(app.closes.pop(), `${code} ${text}`);
  }
});

item(52, "close codes of browsers arrive as none", FETCH, async (engine) => {
  await using app = new Echo(engine);
  await using raw = await RawConnection.open(app.proxy.port);
  await raw.write(head("GET /", ...HANDSHAKE));
  await raw.readHead();
  await raw.write("\x88\x82\0\0\0\0\x03\xe9"); // 1001
  await until(() => app.closes.length > 0, "the close to arrive");
  assertEquals(app.closes.pop(), "1005 ");
});

item(52, "either side that vanishes ends the other", FETCH, async (engine) => {
  await using app = new Echo(engine);
  const raw = await RawConnection.open(app.proxy.port);
  await raw.write(head("GET /", ...HANDSHAKE));
  await raw.readHead();
  raw.close();
  await until(() => app.closes.length > 0, "the application to see the end");
  await until(() => app.proxy.counters.inFlight === 0, "the tunnel to end");

  await using rig = new Rig(async (conn) => {
    const request = await conn.readHead() ?? "";
    const accept = await acceptKey(values(request, "sec-websocket-key")[0] ?? "");
    const fields = `Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}`;
    await conn.write(`HTTP/1.1 101 Switching Protocols\r\n${fields}\r\n\r\n`);
    await conn.read();
  }, { engine });
  const client = await new Client(rig.proxy.port).opened();
  client.socket.send("die");
  assertEquals(await client.ended(), "1011 Application gone");
});

item([49, 52], "an application that does not upgrade is a 502", FETCH, async (engine) => {
  await using rig = Rig.answering("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", {
    engine,
  });
  assertMatch(await rig.ask(head("GET /", ...HANDSHAKE)), /^HTTP\/1.1 502 /);
  assertEquals(rig.heads.length, 1);
});

item([49, 53], "an incomplete handshake goes on as plain HTTP", FETCH, async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  const incomplete = [
    HANDSHAKE.filter((line) => !line.startsWith("Connection")),
    HANDSHAKE.map((line) => line.replace("Version: 13", "Version: 8")),
    HANDSHAKE.map((line) => line.replace("AAAA", "A")),
  ];
  for (const lines of incomplete) {
    assertMatch(await rig.ask(head("GET /", ...lines), 2), /^HTTP\/1.1 200 .*ok$/s);
  }
  assertEquals(rig.heads.flatMap((request) => values(request, "upgrade")), []);
});

item(52, "empty and repeated sub-protocols are passed over", FETCH, async (engine) => {
  await using app = new Echo(engine);
  await using raw = await RawConnection.open(app.proxy.port);
  await raw.write(head("GET /", ...HANDSHAKE, "Sec-WebSocket-Protocol: one,, two, one,"));
  assertMatch(await raw.readHead() ?? "", /^HTTP\/1.1 101 /);
  assertEquals(app.requests[0]?.headers.get("sec-websocket-protocol"), "one, two");
});

item(56, "a large message is not taken for a slow reader", async (engine) => {
  await using app = new Echo(engine);
  const client = await new Client(app.proxy.port).opened();
  client.socket.send(new Uint8Array(20_000_000));
  await until(() => client.messages.length === 1 || client.closed !== "", "the echo");
  assertEquals((client.messages[0] as ArrayBuffer).byteLength, 20_000_000);
  client.socket.close();
  await client.ended();
});

item(56, "a tunnel whose client does not read is given up", FETCH, async (engine) => {
  const block = new Uint8Array(1_000_000);
  await using app = new Echo(engine, (socket) => {
    for (let i = 0; i < 40; i++) socket.send(block);
  });
  await using raw = await RawConnection.open(app.proxy.port);
  await raw.write(head("GET /", ...HANDSHAKE));
  await raw.readHead();
  await until(() => app.proxy.counters.inFlight === 0, "the tunnel to be given up");
});
