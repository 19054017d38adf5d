import { assertEquals, assertMatch } from "@std/assert";
import { ManualClock } from "../unit/proxy/manual_clock.ts";
import { FETCH, item, RELAY } from "./item.ts";
import { head, ok, type RawConnection } from "./raw.ts";
import { Rig, until, values } from "./rig.ts";

const MIB = 1024 * 1024;
/** A GiB takes too long for every day. */
const LARGE = Deno.env.get("SOAK") === "1" ? 1024 * MIB : 128 * MIB;
/** Far less than {@linkcode LARGE}, far more than one connection may hold. */
const GROWTH = 96 * MIB;

const BLOCK = new Uint8Array(65536);

async function writeMany(conn: RawConnection, size: number): Promise<void> {
  for (let sent = 0; sent < size; sent += BLOCK.length) {
    await conn.writeBytes(BLOCK.subarray(0, size - sent));
  }
}

/** How much memory the process took at most while `work` ran, beyond what it had before. */
async function growth(work: () => Promise<void>): Promise<number> {
  const before = Deno.memoryUsage().rss;
  let peak = before;
  const watch = setInterval(() => peak = Math.max(peak, Deno.memoryUsage().rss), 20);
  try {
    await work();
  } finally {
    clearInterval(watch);
  }
  return peak - before;
}

item(50, "K43 K49 each chunk is there as soon as it was sent", async (engine) => {
  for (const type of ["text/event-stream; charset=utf-8", "text/plain"]) {
    const { promise: read, resolve: seen } = Promise.withResolvers<void>();
    await using rig = new Rig(async (conn) => {
      await conn.readHead();
      const fields = `Content-Type: ${type}\r\nTransfer-Encoding: chunked`;
      await conn.write(`HTTP/1.1 200 OK\r\n${fields}\r\n\r\n3\r\none\r\n`);
      await read;
      await conn.write("3\r\ntwo\r\n0\r\n\r\n");
    }, { engine });
    await using client = await rig.connect();
    await client.write(head("GET /"));
    await client.readHead();
    assertEquals(await client.readUntil("one\r\n"), "3\r\none\r\n");
    seen();
    assertEquals(await client.readUntil("0\r\n\r\n"), "3\r\ntwo\r\n0\r\n\r\n");
  }
});

item(50, "a head is there before any of the body, whatever the framing", async (engine) => {
  for (const framing of ["Content-Length: 100000", "Transfer-Encoding: chunked", "X-Close: 1"]) {
    const over = Promise.withResolvers<void>();
    await using rig = new Rig(async (conn) => {
      await conn.readHead();
      await conn.write(`HTTP/1.1 200 OK\r\n${framing}\r\n\r\n`);
      await over.promise;
    }, { engine });
    await using client = await rig.connect();
    await client.write(head("GET /"));
    assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 200 /, framing);
    over.resolve();
  }
});

const SHORT_LIMITS = {
  clientHeadTimeoutMs: 50,
  clientIdleTimeoutMs: 50,
  clientBodyTimeoutMs: 50,
  clientSendTimeoutMs: 50,
  connectTimeoutMs: 50,
  responseIdleTimeoutMs: 50,
  tunnelIdleTimeoutMs: 50,
};

item(51, "an answer may take any time where the head timeout is off", async (engine) => {
  const answer = Promise.withResolvers<void>();
  const clock = new ManualClock();
  const limits = engine === "fetch" ? {} : SHORT_LIMITS;
  await using rig = new Rig(async (conn) => {
    await conn.readHead();
    await answer.promise;
    await conn.write(ok("late"));
  }, { engine, clock, limits, responseHeadTimeoutMs: 0 });
  await using client = await rig.connect();
  await client.write(head("GET /"));
  await until(() => rig.upstream.connections === 1, "the request to arrive");
  await clock.advance(10_000);
  answer.resolve();
  assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 200 /);
  assertEquals(await client.readExactly(4), "late");
});

item(56, "B34 B35 long bodies pass both ways with bounded memory", async (engine) => {
  await using rig = new Rig(async (conn) => {
    const request = await conn.readHead() ?? "";
    if (request.startsWith("POST")) {
      await conn.skip(LARGE);
      await conn.write(ok("all"));
      return;
    }
    await conn.write(`HTTP/1.1 200 OK\r\nContent-Length: ${LARGE}\r\n\r\n`);
    await writeMany(conn, LARGE);
  }, { engine });
  const grown = await growth(async () => {
    await using client = await rig.connect();
    await client.write(head("GET /"));
    await client.readHead();
    await client.skip(LARGE);
    await using uploader = await rig.connect();
    await uploader.write(head("POST /", `Content-Length: ${LARGE}`));
    await writeMany(uploader, LARGE);
    assertMatch(await uploader.readHead() ?? "", /^HTTP\/1.1 200 /);
    assertEquals(await uploader.readExactly(3), "all");
  });
  assertEquals(grown < GROWTH, true, `grew by ${grown}`);
});

item(56, "long bodies in chunks pass both ways with bounded memory", async (engine) => {
  const chunk = `10000\r\n${"x".repeat(65536)}\r\n`;
  const bytes = new TextEncoder().encode(chunk);
  const count = LARGE / 8 / 65536;
  let received = "";
  await using rig = new Rig(async (conn) => {
    const request = await conn.readHead() ?? "";
    if (request.startsWith("POST")) {
      received = (await conn.readUntil("\r\n0\r\n\r\n")).slice(-20);
      await conn.write(ok("all"));
      return;
    }
    await conn.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (let sent = 0; sent < count; sent++) await conn.writeBytes(bytes);
    await conn.write("0\r\n\r\n");
  }, { engine });
  await using client = await rig.connect();
  await client.write(head("GET /"));
  await client.readHead();
  let content = 0;
  for (;;) {
    const size = parseInt(await client.readUntil("\r\n"), 16);
    if (size === 0) break;
    await client.readExactly(size + 2);
    content += size;
  }
  assertEquals(content, count * 65536);
  await using uploader = await rig.connect();
  await uploader.write(head("POST /", "Transfer-Encoding: chunked"));
  for (let sent = 0; sent < 16; sent++) await uploader.writeBytes(bytes);
  await uploader.write("0\r\n\r\n");
  assertMatch(await uploader.readHead() ?? "", /^HTTP\/1.1 200 /);
  assertEquals(received.endsWith("x\r\n0\r\n\r\n"), true);
});

item(56, "a client that does not read stops the upstream, not the memory", async (engine) => {
  let sent = 0;
  await using rig = new Rig(async (conn) => {
    await conn.readHead();
    await conn.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
    for (; sent < 1e9; sent += BLOCK.length) await conn.writeBytes(BLOCK);
  }, { engine });
  await using client = await rig.connect();
  await client.write(head("GET /"));
  await client.readHead();
  await stalls(() => sent);
  assertEquals(sent < 50_000_000, true, `sent ${sent}`);
});

item(56, "an upstream that does not read stops the client, not the memory", async (engine) => {
  const over = Promise.withResolvers<void>();
  await using rig = new Rig(() => over.promise, { engine });
  const client = await rig.connect();
  let sent = 0;
  await client.write(head("POST /", "Content-Length: 1000000000"));
  const sending = (async () => {
    for (; sent < 1e9; sent += BLOCK.length) await client.writeBytes(BLOCK);
  })().catch(() => {});
  await stalls(() => sent);
  assertEquals(sent < 50_000_000, true, `sent ${sent}`);
  client.close();
  over.resolve();
  await sending;
});

item(57, "the answer may begin before the request has ended", async (engine) => {
  await using rig = new Rig(async (conn) => {
    await conn.readHead();
    await conn.readUntil("a");
    await conn.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nA\r\n");
    await conn.readUntil("b");
    await conn.write("1\r\nB\r\n0\r\n\r\n");
  }, { engine });
  await using client = await rig.connect();
  await client.write(head("POST /", "Content-Length: 2") + "a");
  await client.readHead();
  assertEquals(await client.readUntil("A\r\n"), "1\r\nA\r\n");
  await client.write("b");
  assertEquals(await client.readUntil("0\r\n\r\n"), "1\r\nB\r\n0\r\n\r\n");
});

item(57, "both directions flow for a long time", async (engine) => {
  await using rig = new Rig(async (conn) => {
    await conn.readHead();
    await conn.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (let i = 0; i < 200; i++) await conn.write(await conn.readUntil(`${i};\r\n`));
    await conn.write(await conn.readUntil("0\r\n\r\n"));
  }, { engine });
  await using client = await rig.connect();
  await client.write(head("POST /", "Transfer-Encoding: chunked"));
  await client.readHead();
  for (let i = 0; i < 200; i++) {
    const chunk = `${(String(i).length + 1).toString(16)}\r\n${i};\r\n`;
    await client.write(chunk);
    assertEquals(await client.readUntil(`${i};\r\n`), chunk);
  }
  await client.write("0\r\n\r\n");
  assertEquals(await client.readUntil("0\r\n\r\n"), "0\r\n\r\n");
});

item(58, "an early final answer reaches a client that is still uploading", async (engine) => {
  await using rig = new Rig(async (conn) => {
    await conn.readHead();
    await conn.write("HTTP/1.1 413 No\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig");
    await conn.readAll();
  }, { engine });
  await using client = await rig.connect();
  await client.write(head("POST /", "Content-Length: 1000000") + "abc");
  assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 413 /);
  assertEquals(await client.readExactly(3), "big");
});

item(58, "an early answer ends the upload on both sides", RELAY, async (engine) => {
  const size = 1_000_000;
  let rest = "";
  await using rig = new Rig(async (conn, index) => {
    await conn.readHead();
    await conn.write(ok("early"));
    if (index === 0) rest = await conn.readAll();
  }, { engine });
  await using client = await rig.connect();
  await client.write(head("POST /", `Content-Length: ${size}`) + "abc");
  const answer = await client.readHead() ?? "";
  assertEquals(values(answer, "connection"), ["close"]);
  assertEquals(await client.readExactly(5), "early");
  await client.writeBytes(new Uint8Array(size - 3));
  assertEquals(await client.readAll(), "");
  assertEquals(client.wasReset, false);
  // Nobody knows what the application takes the rest of the body for.
  assertMatch(await rig.ask(head("GET /"), 5), /early$/);
  assertEquals([rig.upstream.connections, rest.length < size], [2, true]);
});

item(58, "an early answer is heard though its sender closes at once", RELAY, async (engine) => {
  const size = 5_000_000;
  await using rig = new Rig(async (conn) => {
    await conn.readHead();
    await conn.write("HTTP/1.1 413 No\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig");
  }, { engine });
  await using client = await rig.connect();
  await client.write(head("POST /", `Content-Length: ${size}`));
  await client.writeBytes(new Uint8Array(size)).catch(() => {});
  const answer = await client.readHead() ?? "";
  assertMatch(answer, /^HTTP\/1.1 413 /);
  assertEquals(values(answer, "connection"), ["close"]);
  assertEquals(await client.readAll(), "big");
  assertEquals(client.wasReset, false);
});

item(58, "an early answer is heard, or a 502 where its sender closes", FETCH, async (engine) => {
  await using rig = new Rig(async (conn) => {
    await conn.readHead();
    await conn.write("HTTP/1.1 413 No\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig");
  }, { engine });
  await using client = await rig.connect();
  await client.write(head("POST /", "Content-Length: 5000000"));
  await client.writeBytes(new Uint8Array(5_000_000)).catch(() => {});
  assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 (413|502) /);
});

/** Waits until a counter has begun to grow and does not grow any more. */
async function stalls(count: () => number): Promise<void> {
  let last = 0;
  let same = 0;
  await until(() => {
    same = count() === last && last > 0 ? same + 1 : 0;
    last = count();
    return same >= 20;
  }, "the sender to stall");
}
