import { assertEquals, assertMatch } from "@std/assert";
import type { EngineName } from "../../src/proxy/engines.ts";
import { ManualClock } from "../unit/proxy/manual_clock.ts";
import { FETCH, item, RELAY } from "./item.ts";
import { head, ok, type Script } from "./raw.ts";
import { Rig, until, values } from "./rig.ts";

/** Answers one request per connection with `answer` after its head, then closes. */
function once(answer: string): Script {
  return async (conn) => {
    await conn.readHead();
    await conn.write(answer);
  };
}

/** Everything that a client gets for a GET until the connection ends. */
async function everything(engine: EngineName, answer: string): Promise<string> {
  await using rig = new Rig(once(answer), { engine });
  return await rig.everything(head("GET /", "Connection: close"));
}

const CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
const DATED = "HTTP/1.1 200 OK\r\nDate: Mon, 01 Jan 2024 00:00:00 GMT\r\n";

item(30, "chunks in an HTTP/1.0 answer are a 502", async (engine) => {
  const answer = CHUNKED.replace("/1.1", "/1.0") + "3\r\nabc\r\n0\r\n\r\n";
  assertMatch(await everything(engine, answer), /^HTTP\/1.1 502 /);
});

item(31, "a malformed chunk in an answer cuts the client", RELAY, async (engine) => {
  for (const chunk of ["ZZ\r\n", "+3\r\nabc\r\n", "3\nabc\r\n", "3\r\nabcd\r\n"]) {
    const got = await everything(engine, `${CHUNKED}1\r\na\r\n${chunk}0\r\n\r\n`);
    assertEquals(got.includes("0\r\n\r\n"), false, chunk);
  }
});

item(34, "an answer with a length keeps it, small or large", async (engine) => {
  for (const size of [3, 100_000]) {
    const body = "y".repeat(size);
    await using rig = Rig.answering(ok(body), { engine });
    const answer = await rig.ask(head("GET /"), size);
    assertEquals(values(answer, "content-length"), [String(size)]);
    assertEquals(answer.endsWith(body), true);
  }
});

item(34, "B36 an answer in chunks stays in chunks, even an empty one", async (engine) => {
  for (const chunks of ["3\r\nabc\r\n0\r\n\r\n", "0\r\n\r\n"]) {
    await using rig = Rig.answering(CHUNKED + chunks, { engine });
    const answer = await rig.ask(head("GET /"), chunks.length);
    assertEquals(values(answer, "transfer-encoding"), ["chunked"]);
    assertEquals(answer.endsWith(`\r\n\r\n${chunks}`), true);
  }
});

item(34, "each chunk of an answer keeps its size", RELAY, async (engine) => {
  const sizes = Array.from({ length: 40 }, (_, i) => i + 1);
  const chunks = sizes.map((size) => `${size.toString(16)}\r\n${"z".repeat(size)}\r\n`).join("");
  const answer = `${DATED}Transfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`;
  await using rig = Rig.answering(answer, { engine });
  assertEquals(await rig.ask(head("GET /"), chunks.length + 5), answer);
});

item(35, "an answer that ends with its connection becomes chunked", async (engine) => {
  await using rig = new Rig(once("HTTP/1.1 200 OK\r\n\r\nabc"), { engine });
  const answer = await rig.ask(head("GET /"), 13);
  assertEquals(values(answer, "transfer-encoding"), ["chunked"]);
  assertMatch(answer, /\r\n\r\n3\r\nabc\r\n0\r\n\r\n$/);
});

item(35, "the client's connection takes another request after it", async (engine) => {
  for (const version of ["HTTP/1.1", "HTTP/1.0"]) {
    await using rig = new Rig(once(`${version} 200 OK\r\n\r\nabc`), { engine });
    await using client = await rig.connect();
    for (let i = 0; i < 2; i++) {
      await client.write(head("GET /"));
      assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 200 /);
      assertEquals(await client.readUntil("0\r\n\r\n"), "3\r\nabc\r\n0\r\n\r\n");
    }
  }
});

item(35, "an HTTP/1.0 client gets such an answer until the close", async (engine) => {
  await using rig = new Rig(once("HTTP/1.1 200 OK\r\n\r\nabc"), { engine });
  const answer = await rig.everything("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  assertEquals(values(answer, "transfer-encoding"), []);
  assertMatch(answer, /\r\n\r\nabc$/);
});

item(36, "an upstream that dies in a long body cuts the client", async (engine) => {
  const died = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nabc";
  const answer = await everything(engine, died);
  assertEquals(values(answer, "content-length"), ["100000"]);
  assertMatch(answer, /\r\n\r\nabc$/);
});

item(36, "an upstream that dies in chunks cuts the client without a last chunk", async (engine) => {
  const answer = await everything(engine, `${CHUNKED}3\r\nabc\r\n`);
  assertEquals(values(answer, "transfer-encoding"), ["chunked"]);
  assertMatch(answer, /\r\n\r\n3\r\nabc\r\n$/);
});

item(36, "an upstream that dies in its answer cuts a client that still uploads", async (engine) => {
  for (const pauses of [true, false]) {
    const size = 5_000_000;
    await using rig = new Rig(async (conn) => {
      await conn.readHead();
      await conn.write("HTTP/1.1 413 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nbig\r\n");
    }, { engine });
    await using client = await rig.connect();
    await client.write(head("POST /", `Content-Length: ${size}`) + "abc");
    assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 413 /);
    if (pauses) await until(() => rig.proxy.counters.inFlight === 0, "the exchange to end");
    const sent = client.writeBytes(new Uint8Array(size - 3)).catch(() => {});
    assertEquals(await client.readAll(), "3\r\nbig\r\n");
    client.close();
    await sent;
  }
});

item(36, "an upstream that dies in a short body cuts the client", RELAY, async (engine) => {
  const died = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc";
  await using rig = new Rig(once(died), { engine });
  assertMatch(await rig.everything(head("GET /")), /^HTTP\/1.1 200 .*\r\n\r\nabc$/s);
  assertEquals(rig.upstream.connections, 1);
});

item(36, "an upstream that dies in a short body is a 502", FETCH, async (engine) => {
  const died = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc";
  await using rig = new Rig(once(died), { engine });
  assertMatch(await rig.ask(head("GET /")), /^HTTP\/1.1 502 /);
  assertEquals(rig.upstream.connections, 1);
});

item(37, "bytes beyond the length end with their connection", async (engine) => {
  await using rig = new Rig(async (conn) => {
    await conn.readHead();
    await conn.write(ok("ok") + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
    await conn.readHead();
  }, { engine });
  await using client = await rig.connect();
  for (const path of ["/1", "/2"]) {
    await client.write(head(`GET ${path}`));
    await client.readHead();
    assertEquals(await client.readExactly(2), "ok");
  }
  assertEquals(rig.upstream.connections, 2);
});

item(38, "chunks win over a length in an answer", async (engine) => {
  const both = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n";
  await using rig = new Rig(async (conn) => {
    while (await conn.readHead()) await conn.write(`${both}4\r\nabcd\r\n0\r\n\r\n`);
  }, { engine });
  for (const path of ["/1", "/2"]) {
    const answer = await rig.ask(head(`GET ${path}`), 14);
    assertEquals(values(answer, "content-length"), []);
    assertMatch(answer, /4\r\nabcd\r\n0\r\n\r\n$/);
  }
});

item(38, "a transfer coding that would be lost is a 502", async (engine) => {
  const coded = "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n";
  await using rig = new Rig(once(`${coded}3\r\nabc\r\n0\r\n\r\n`), { engine });
  assertMatch(await rig.ask(head("GET /")), /^HTTP\/1.1 502 /);
});

item(38, "different lengths in an answer are a 502, equal ones are one", RELAY, async (engine) => {
  const answer = (second: string) =>
    `HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: ${second}\r\n\r\nabc`;
  for (const bad of ["4", "-3", "3, 4", ""]) {
    assertMatch(await everything(engine, answer(bad)), /^HTTP\/1.1 502 /, bad);
  }
  await using rig = new Rig(once(answer("3")), { engine });
  assertEquals(values(await rig.ask(head("GET /"), 3), "content-length"), ["3"]);
});

item(38, "a connection that carried both framings is not used again", RELAY, async (engine) => {
  const both = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n";
  await using rig = Rig.answering(`${both}0\r\n\r\n`, { engine });
  for (const path of ["/1", "/2"]) await rig.ask(head(`GET ${path}`), 5);
  assertEquals(rig.upstream.connections, 2);
});

item(39, "a connection that speaks or ends while idle is closed at once", RELAY, async (engine) => {
  for (const last of ["HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", "x", ""]) {
    const speak = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    // No idle time passes on this clock, so that it is not the pool's own limit that closes.
    const clock = new ManualClock();
    await using rig = new Rig(async (conn, index) => {
      await conn.readHead();
      await conn.write(ok());
      if (index > 0) return;
      await speak.promise;
      if (last === "") await conn.closeWrite();
      else await conn.write(last);
      await conn.readAll().then(() => ended.resolve(), ended.reject);
    }, { engine, clock });
    await rig.ask(head("GET /1"), 2);
    speak.resolve();
    await ended.promise;
    assertMatch(await rig.ask(head("GET /2"), 2), /\r\n\r\nok$/);
    assertEquals(rig.upstream.connections, 2);
    assertEquals(rig.proxy.counters.retried, {});
  }
});

item(39, "what a connection says while it is idle answers nobody", FETCH, async (engine) => {
  await using rig = new Rig(async (conn) => {
    await conn.readHead();
    await conn.write(ok());
    await conn.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
    await conn.readAll();
  }, { engine });
  for (const path of ["/1", "/2"]) {
    assertMatch(await rig.ask(head(`GET ${path}`), 2), /\r\n\r\nok$/);
  }
});
