import { assertEquals, assertMatch } from "@std/assert";
import { item, RELAY } from "./item.ts";
import { head, ok, RawConnection, RawUpstream, type Script } from "./raw.ts";
import { firstLine, gated, Rig, until, values } from "./rig.ts";

item(59, "connections are kept on both sides", async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  await using client = await rig.connect();
  for (let i = 0; i < 3; i++) {
    await client.write(head(`GET /${i}`));
    assertEquals(values(await client.readHead() ?? "", "connection"), []);
    assertEquals(await client.readExactly(2), "ok");
  }
  assertEquals(rig.upstream.connections, 1);
});

item(59, "a client that asks for it is closed, its backend's connection is not", async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  for (let i = 0; i < 2; i++) {
    const answer = await rig.everything(head("GET /", "Connection: close"));
    assertMatch(answer, /\r\n\r\nok$/);
    assertEquals(values(answer, "connection"), ["close"]);
  }
  assertEquals(rig.upstream.connections, 1);
});

item(59, "a backend that closes does not close its client", async (engine) => {
  const once: Script = async (conn) => {
    await conn.readHead();
    await conn.write(ok("ok", "Connection: close"));
  };
  await using rig = new Rig(once, { engine });
  await using client = await rig.connect();
  for (let i = 0; i < 3; i++) {
    await client.write(head("GET /"));
    assertEquals(values(await client.readHead() ?? "", "connection"), []);
    assertEquals(await client.readExactly(2), "ok");
  }
  assertEquals(rig.upstream.connections, 3);
});

item(59, "a backend that says close is not used again, though it stays open", async (engine) => {
  const closing = [ok("ok", "Connection: close"), ok().replace("HTTP/1.1", "HTTP/1.0")];
  for (const answer of closing) {
    await using rig = Rig.answering(answer, { engine });
    for (let i = 0; i < 2; i++) assertMatch(await rig.ask(head("GET /"), 2), /ok$/);
    assertEquals(rig.upstream.connections, 2);
  }
});

item(60, "an HTTP/1.0 client gets no chunks and is closed", async (engine) => {
  const chunked =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n";
  await using rig = Rig.answering(chunked, { engine });
  for (const lines of ["", "Connection: keep-alive\r\n"]) {
    const answer = await rig.everything(`GET / HTTP/1.0\r\n${lines}\r\n`);
    assertEquals(values(answer, "transfer-encoding"), []);
    assertMatch(answer, /\r\n\r\nabc$/);
  }
});

item(60, "an HTTP/1.0 connection is kept if asked for and lengths are known", async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  await using client = await rig.connect();
  for (let i = 0; i < 2; i++) {
    await client.write("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n");
    const answer = await client.readHead() ?? "";
    assertEquals(values(answer, "connection").map((value) => value.toLowerCase()), [
      "keep-alive",
    ]);
    assertEquals(await client.readExactly(2), "ok");
  }
  await client.write("GET / HTTP/1.0\r\n\r\n");
  assertMatch(await client.readAll(), /\r\n\r\nok$/);
});

item(60, "an HTTP/1.0 request with a body arrives as HTTP/1.1", async (engine) => {
  let got = "";
  await using rig = new Rig(async (conn) => {
    got = await conn.readUntil("\r\n\r\nhi");
    await conn.write(ok());
  }, { engine });
  const answer = await rig.everything("POST /a HTTP/1.0\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi");
  assertMatch(answer, /\r\n\r\nok$/);
  assertEquals(firstLine(got), "POST /a HTTP/1.1");
  assertEquals(values(got, "content-length"), ["2"]);
});

item(61, "pipelined requests are answered in order, bodies and all", async (engine) => {
  await using rig = new Rig(async (conn) => {
    for (let next = await conn.readHead(); next; next = await conn.readHead()) {
      const body = await conn.readExactly(Number(values(next, "content-length")[0] ?? 0));
      await conn.write(ok(`${firstLine(next).split(" ")[1]}${body}`));
    }
  }, { engine });
  await using client = await rig.connect();
  await client.write(
    head("GET /1") + head("POST /2", "Content-Length: 4") + "body" + head("GET /4"),
  );
  for (const expected of ["/1", "/2body", "/4"]) {
    assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 200 /);
    assertEquals(await client.readExactly(expected.length), expected);
  }
});

item(61, "a burst of a thousand requests is answered in order", async (engine) => {
  await using rig = new Rig(async (conn) => {
    for (let next = await conn.readHead(); next; next = await conn.readHead()) {
      await conn.write(ok(firstLine(next).split(" ")[1]));
    }
  }, { engine });
  await using client = await rig.connect();
  const paths = Array.from({ length: 1000 }, (_, i) => `/${i}`);
  const sent = client.write(paths.map((path) => head(`GET ${path}`)).join(""));
  for (const path of paths) {
    await client.readHead();
    assertEquals(await client.readExactly(path.length), path);
  }
  await sent;
});

const MEGABYTE = new Uint8Array(1_000_000);

/** Goes on sending after the answer; throws when the other side does not take it any more. */
async function goOn(client: RawConnection): Promise<void> {
  for (let i = 0; i < 4; i++) await client.writeBytes(MEGABYTE);
  await client.closeWrite();
  assertEquals([await client.read(), client.wasReset], [null, false]);
}

item(65, "a client that is refused can read why and go on sending", RELAY, async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  const coding = head("POST /", "Transfer-Encoding: x", "Content-Length: 1");
  for (const bad of [head("GET /", "X : y"), coding, head("CONNECT a:1")]) {
    await using client = await rig.connect();
    await client.write(bad);
    await client.writeBytes(MEGABYTE);
    assertMatch(await client.readAll(), /^HTTP\/1.1 4\d\d .*\r\nConnection: close\r\n/s);
    await goOn(client);
  }
});

item(65, "a body that is too long is answered before it is cut", RELAY, async (engine) => {
  await using rig = new Rig(async (conn) => void await conn.readAll(), {
    engine,
    limits: { maxBodyBytes: 1000 },
  });
  const sized = head("POST /", "Content-Length: 9000000");
  const chunked = head("POST /", "Transfer-Encoding: chunked") + "895440\r\n";
  for (const request of [sized, chunked]) {
    await using client = await rig.connect();
    await client.write(request);
    await client.writeBytes(MEGABYTE);
    assertMatch(await client.readAll(), /^HTTP\/1.1 413 .*\r\nConnection: close\r\n/s);
    await goOn(client);
  }
});

item(65, "what is malformed in the middle of a body is answered, too", RELAY, async (engine) => {
  await using rig = new Rig(async (conn) => void await conn.readAll(), { engine });
  await using client = await rig.connect();
  await client.write(head("POST /", "Transfer-Encoding: chunked") + "1\r\na\r\n");
  await until(() => rig.upstream.connections === 1, "the upload to begin");
  await client.write("junk");
  assertMatch(await client.readAll(), /^HTTP\/1.1 400 .*\r\nConnection: close\r\n/s);
  await goOn(client);
});

item(66, "clients and backends may speak IPv6", async (engine) => {
  if (!hasIpv6()) return;
  await using rig = Rig.answering(ok(), { engine, hostname: "::1" });
  await using client = await RawConnection.open(rig.proxy.port, "::1");
  await client.write("GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n");
  await client.readHead();
  await client.readExactly(2);
  assertEquals(values(rig.heads[0] ?? "", "host"), ["[::1]:80"]);
  assertEquals(values(rig.heads[0] ?? "", "x-real-ip"), ["::1"]);
  await using six = new RawUpstream(gated(Promise.resolve(), "v6"), 0, "::1");
  rig.proxy.replace([{ key: "six", host: "::1", port: six.port, alive: () => true }]);
  await client.write(head("GET /"));
  await client.readHead();
  assertEquals(await client.readExactly(2), "v6");
});

item(66, "one listener serves both families, addresses look as usual", async (engine) => {
  await using rig = Rig.answering(ok(), { engine, hostname: hasIpv6() ? "::" : "0.0.0.0" });
  await rig.ask(head("GET /"), 2);
  assertEquals(values(rig.heads[0] ?? "", "x-real-ip"), ["127.0.0.1"]);
});

item(67, "a port can be bound again at once, whatever lingers on it", async (engine) => {
  const first = Rig.answering(ok(), { engine });
  const { port } = first.proxy;
  await first.everything(head("GET /", "Connection: close"));
  await first[Symbol.asyncDispose]();
  await using second = Rig.answering(ok(), { engine, port });
  assertMatch(await second.ask(head("GET /"), 2), /ok$/);
});

item(67, "connections beyond the limit wait and are not refused", RELAY, async (engine) => {
  await using rig = Rig.answering(ok(), { engine, limits: { maxConnections: 1 } });
  await using first = await rig.connect();
  await first.write(head("GET /1"));
  await first.readHead();
  await using second = await rig.connect();
  await second.write(head("GET /2"));
  await first.readExactly(2);
  await first.write(head("GET /3"));
  await first.readHead();
  assertEquals(rig.heads.map((request) => firstLine(request).split(" ")[1]), ["/1", "/3"]);
  first.close();
  assertMatch(await second.readHead() ?? "", /^HTTP\/1.1 200 /);
});

item(68, "what is small and comes at once goes in one piece, both ways", async (engine) => {
  let request: string | null = "";
  await using rig = new Rig(async (conn) => {
    request = await conn.read();
    await conn.write(ok());
    await conn.readAll();
  }, { engine });
  await using client = await rig.connect();
  await client.write(head("POST /", "Content-Length: 2") + "hi");
  assertMatch(await client.read() ?? "", /\r\n\r\nok$/);
  if (engine === "relay") assertMatch(request ?? "", /\r\n\r\nhi$/);
});

function hasIpv6(): boolean {
  try {
    Deno.listen({ hostname: "::1", port: 0 }).close();
    return true;
  } catch {
    return false;
  }
}
