import { assertEquals, assertMatch } from "@std/assert";
import type { Proxy } from "../../src/proxy/proxy.ts";
import { head, RawConnection } from "./raw.ts";
import { Rig, startProxy, until, values } from "./rig.ts";

const HANDSHAKE = [
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
];

/** An application that echoes, and remembers what it saw. */
class Echo implements AsyncDisposable {
  readonly sockets: WebSocket[] = [];
  readonly closes: string[] = [];
  readonly requests: { url: string; headers: Headers }[] = [];
  readonly proxy: Proxy;
  #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(onOpen: (socket: WebSocket) => void = () => {}) {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
      this.requests.push({ url: request.url, headers: new Headers(request.headers) });
      const offered = request.headers.get("sec-websocket-protocol");
      const { socket, response } = Deno.upgradeWebSocket(
        request,
        offered ? { protocol: "two" } : {},
      );
      socket.onopen = () => onOpen(socket);
      socket.onmessage = ({ data }) => socket.send(data);
      socket.onclose = ({ code, reason }) => this.closes.push(`${code} ${reason}`);
      socket.onerror = (event) => event.preventDefault();
      this.sockets.push(socket);
      return response;
    });
    this.proxy = startProxy();
    const { port } = this.#server.addr;
    this.proxy.replace([{ key: "a", host: "127.0.0.1", port, alive: () => true }]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.proxy.shutdown({ drainTimeoutMs: 100 });
    await this.#server.shutdown();
  }
}

/** A client that keeps what it gets. */
class Client {
  readonly messages: (string | ArrayBuffer)[] = [];
  closed = "";
  readonly socket: WebSocket;

  constructor(port: number, path = "/", options: WebSocketOptions = {}) {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, options);
    this.socket.binaryType = "arraybuffer";
    this.socket.onmessage = ({ data }) => this.messages.push(data);
    this.socket.onclose = ({ code, reason }) => this.closed = `${code} ${reason}`;
    this.socket.onerror = (event) => event.preventDefault();
  }

  async opened(): Promise<this> {
    await until(() => this.socket.readyState === WebSocket.OPEN, "the socket to open");
    return this;
  }

  async ended(): Promise<string> {
    await until(() => this.closed !== "", "the socket to close");
    return this.closed;
  }
}

Deno.test("item 52 K44 text and binary messages pass both ways", async () => {
  await using app = new Echo();
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

Deno.test("item 52 the handshake keeps its target, origin, cookies and sub-protocol", async () => {
  await using app = new Echo();
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

Deno.test("item 52 messages that the application sends at once are not lost", async () => {
  await using app = new Echo((socket) => ["a", "b", "c"].forEach((text) => socket.send(text)));
  const client = new Client(app.proxy.port);
  await until(() => client.messages.length === 3, "three messages");
  assertEquals(client.messages, ["a", "b", "c"]);
  client.socket.close();
  await client.ended();
});

Deno.test("item 52 an application that speaks and closes at once is heard", async () => {
  await using app = new Echo((socket) => {
    socket.send("bye");
    socket.close(4000, "that was it");
  });
  const client = new Client(app.proxy.port);
  assertEquals(await client.ended(), "4000 that was it");
  assertEquals(client.messages, ["bye"]);
});

Deno.test("item 52 close codes and reasons pass from the application to the client", async () => {
  await using app = new Echo();
  for (const [code, text] of [[1000, "done"], [1001, "x"], [1011, "x"], [4002, "own"]] as const) {
    const client = await new Client(app.proxy.port).opened();
    app.sockets.at(-1)?.close(code, text);
    assertEquals(await client.ended(), `${code} ${text}`);
  }
  const client = await new Client(app.proxy.port).opened();
  app.sockets.at(-1)?.close();
  assertEquals(await client.ended(), "1005 ");
});

Deno.test("item 52 close codes pass from the client as far as Deno can send them", async () => {
  await using app = new Echo();
  for (const [code, text] of [[1000, "done"], [4001, "own"]] as const) {
    const client = await new Client(app.proxy.port).opened();
    client.socket.close(code, text);
    await client.ended();
    await until(() => app.closes.length > 0, "the close to arrive");
    assertEquals(app.closes.pop(), `${code} ${text}`);
  }
  await using raw = await RawConnection.open(app.proxy.port);
  await raw.write(head("GET /", ...HANDSHAKE));
  await raw.readHead();
  await raw.write("\x88\x82\0\0\0\0\x03\xe9"); // 1001, as browsers send it
  await until(() => app.closes.length > 0, "the close to arrive");
  assertEquals(app.closes.pop(), "1005 ");
});

Deno.test("item 52 either side that vanishes ends the other", async () => {
  await using app = new Echo();
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
  });
  const client = await new Client(rig.proxy.port).opened();
  client.socket.send("die");
  assertEquals(await client.ended(), "1011 Application gone");
});

Deno.test("item 49 item 52 an application that does not upgrade is a 502", async () => {
  await using rig = Rig.answering("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
  assertMatch(await rig.ask(head("GET /", ...HANDSHAKE)), /^HTTP\/1.1 502 /);
  assertEquals(rig.heads.length, 1);
});

Deno.test("item 49 item 53 an incomplete handshake goes on as plain HTTP", async () => {
  await using rig = Rig.answering();
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

Deno.test("item 52 empty and repeated sub-protocols are passed over", async () => {
  await using app = new Echo();
  await using raw = await RawConnection.open(app.proxy.port);
  await raw.write(head("GET /", ...HANDSHAKE, "Sec-WebSocket-Protocol: one,, two, one,"));
  assertMatch(await raw.readHead() ?? "", /^HTTP\/1.1 101 /);
  assertEquals(app.requests[0]?.headers.get("sec-websocket-protocol"), "one, two");
});

Deno.test("R12 a WebSocket is held and retried like a GET until it is open", async () => {
  const proxy = startProxy();
  const client = new Client(proxy.port);
  await until(() => proxy.counters.held === 1, "the handshake to be held");
  await using app = new Echo();
  const target = { host: "127.0.0.1", port: app.proxy.port, alive: () => true };
  proxy.replace([{ ...target, key: "b" }]);
  await client.opened();
  client.socket.close();
  await client.ended();
  await proxy.shutdown({ drainTimeoutMs: 1000 });
});

Deno.test("R12 a WebSocket to a refusing backend waits in line; a silent one is a 504", async () => {
  await using rig = new Rig(async (conn) => void await conn.readAll(), {
    responseHeadTimeoutMs: 30,
  });
  assertMatch(await rig.ask(head("GET /", ...HANDSHAKE)), /^HTTP\/1.1 504 /);
});

Deno.test("K18 item 55 a drain closes tunnels with 1012 after their grace", async () => {
  await using app = new Echo();
  const client = await new Client(app.proxy.port).opened();
  const report = await app.proxy.drain("a", { timeoutMs: 60_000, tunnelGraceMs: 10 });
  assertEquals(report, { finished: 0, cut: 1 });
  assertEquals(await client.ended(), "1012 Service restart");
  await until(() => app.closes.length === 1, "the application to see the end");
  assertEquals(app.proxy.counters.cut, 1);
});

Deno.test("K19 messages still pass during the grace", async () => {
  await using app = new Echo();
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

Deno.test("a client that ends its tunnel finishes a drain", async () => {
  await using app = new Echo();
  const client = await new Client(app.proxy.port).opened();
  const drained = app.proxy.drain("a", { timeoutMs: 60_000, tunnelGraceMs: 60_000 });
  client.socket.close(1000);
  assertEquals(await drained, { finished: 1, cut: 0 });
  await client.ended();
});

Deno.test("shutdown() closes tunnels with 1001", async () => {
  await using app = new Echo();
  const client = await new Client(app.proxy.port).opened();
  await app.proxy.shutdown({ drainTimeoutMs: 5000 });
  assertMatch(await client.ended(), /^1001 /);
});

Deno.test("item 56 a large message to a client that reads is not taken for a slow reader", async () => {
  await using app = new Echo();
  const client = await new Client(app.proxy.port).opened();
  client.socket.send(new Uint8Array(20_000_000));
  await until(() => client.messages.length === 1 || client.closed !== "", "the echo");
  assertEquals((client.messages[0] as ArrayBuffer).byteLength, 20_000_000);
  client.socket.close();
  await client.ended();
});

Deno.test("item 56 a tunnel whose client does not read is given up, not buffered for ever", async () => {
  const block = new Uint8Array(1_000_000);
  await using app = new Echo((socket) => {
    for (let i = 0; i < 40; i++) socket.send(block);
  });
  await using raw = await RawConnection.open(app.proxy.port);
  await raw.write(head("GET /", ...HANDSHAKE));
  await raw.readHead();
  await until(() => app.proxy.counters.inFlight === 0, "the tunnel to be given up");
});

async function acceptKey(key: string): Promise<string> {
  const bytes = new TextEncoder().encode(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-1", bytes));
  return btoa(String.fromCharCode(...hash));
}
