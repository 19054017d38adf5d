import { assertEquals, assertMatch } from "@std/assert";
import { head, ok, type Script } from "./raw.ts";
import { Rig, until, values } from "./rig.ts";

/** Answers one request per connection with `answer` after its head, then closes. */
function once(answer: string): Script {
  return async (conn) => {
    await conn.readHead();
    await conn.write(answer);
  };
}

/** Everything that a client gets for `request` until the connection ends. */
async function everything(script: Script, request: string): Promise<string> {
  await using rig = new Rig(script);
  await using client = await rig.connect();
  await client.write(request);
  return await client.readAll();
}

Deno.test("item 27 item 28 item 29 K47 malformed framing never reaches the application", async () => {
  await using rig = Rig.answering();
  const bad = [
    ["Content-Length: 1", "Content-Length: 2"],
    ["Content-Length: +2"],
    ["Content-Length: 0x2"],
    ["Content-Length: 99999999999999999999999"],
    ["Transfer-Encoding: xchunked"],
    ["Transfer-Encoding: chunked, identity"],
    ["Content-Length: 2", "Transfer-Encoding: chunked"],
  ];
  for (const headers of bad) {
    await using client = await rig.connect();
    await client.write(head("POST /", ...headers) + "2\r\nhi\r\n0\r\n\r\n");
    const answer = await client.read() ?? "";
    if (answer !== "") assertMatch(answer, /^HTTP\/1.1 [45]/, headers.join());
  }
  assertEquals(rig.heads, []);
});

Deno.test("item 31 K47 a malformed chunk ends the connection and the upload", async () => {
  let upload = "";
  await using rig = new Rig(async (conn) => {
    upload = await conn.readAll();
  });
  await using client = await rig.connect();
  await client.write(head("POST /", "Transfer-Encoding: chunked") + "ZZ\r\nhi\r\n0\r\n\r\n");
  const answer = await client.readAll();
  assertEquals(answer.startsWith("HTTP/1.1 2"), false);
  assertEquals(upload.includes("hi"), false);
});

Deno.test("item 34 a request with a length keeps it, streamed or not", async () => {
  for (const size of [5, 300_000]) {
    let got = "";
    let request = "";
    await using rig = new Rig(async (conn) => {
      request = await conn.readHead() ?? "";
      got = await conn.readExactly(size);
      await conn.write(ok());
    });
    const body = "x".repeat(size);
    await rig.ask(head("POST /", `Content-Length: ${size}`) + body, 2);
    assertEquals(values(request, "content-length"), [String(size)]);
    assertEquals(values(request, "transfer-encoding"), []);
    assertEquals(got, body);
  }
});

Deno.test("item 34 a request in chunks stays in chunks", async () => {
  let request = "";
  await using rig = new Rig(async (conn) => {
    request = await conn.readHead() ?? "";
    request += await conn.readUntil("0\r\n\r\n");
    await conn.write(ok());
  });
  await rig.ask(head("POST /", "Transfer-Encoding: chunked") + "2\r\nhi\r\n0\r\n\r\n", 2);
  assertEquals(values(request, "transfer-encoding"), ["chunked"]);
  assertEquals(values(request, "content-length"), []);
  assertMatch(request, /\r\n\r\n2\r\nhi\r\n0\r\n\r\n$/);
});

Deno.test("item 34 a POST without a body has length 0, other methods have no framing", async () => {
  await using rig = Rig.answering();
  await rig.ask(head("POST /"));
  assertEquals(values(rig.heads[0] ?? "", "content-length"), ["0"]);
  await rig.ask(head("POST /", "Content-Length: 0"));
  assertEquals(values(rig.heads[1] ?? "", "content-length"), ["0"]);
  await rig.ask(head("PROPFIND /"));
  assertEquals(values(rig.heads[2] ?? "", "transfer-encoding"), []);
  assertEquals(values(rig.heads[2] ?? "", "content-length"), []);
});

Deno.test("item 34 an answer with a length keeps it, small or large", async () => {
  for (const size of [3, 100_000]) {
    const body = "y".repeat(size);
    await using rig = Rig.answering(ok(body));
    const answer = await rig.ask(head("GET /"), size);
    assertEquals(values(answer, "content-length"), [String(size)]);
    assertEquals(answer.endsWith(body), true);
  }
});

Deno.test("item 34 B36 an answer in chunks stays in chunks, even an empty one", async () => {
  const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const chunks of ["3\r\nabc\r\n0\r\n\r\n", "0\r\n\r\n"]) {
    await using rig = Rig.answering(chunked + chunks);
    const answer = await rig.ask(head("GET /"), chunks.length);
    assertEquals(values(answer, "transfer-encoding"), ["chunked"]);
    assertEquals(answer.endsWith(`\r\n\r\n${chunks}`), true);
  }
});

Deno.test("item 35 an answer that ends with its connection becomes chunked", async () => {
  await using rig = new Rig(once("HTTP/1.1 200 OK\r\n\r\nabc"));
  const answer = await rig.ask(head("GET /"), 13);
  assertEquals(values(answer, "transfer-encoding"), ["chunked"]);
  assertMatch(answer, /\r\n\r\n3\r\nabc\r\n0\r\n\r\n$/);
});

Deno.test("item 36 an upstream that dies in a long body cuts the client", async () => {
  const answer = await everything(
    once("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nabc"),
    head("GET /"),
  );
  assertMatch(answer, /content-length: 100000/);
  assertMatch(answer, /\r\n\r\nabc$/);
});

Deno.test("item 36 an upstream that dies in chunks cuts the client without a last chunk", async () => {
  const answer = await everything(
    once("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"),
    head("GET /"),
  );
  assertMatch(answer, /transfer-encoding: chunked/);
  assertMatch(answer, /\r\n\r\n3\r\nabc\r\n$/);
});

Deno.test("item 36 an upstream that dies in its answer cuts a client that still uploads", async () => {
  for (const pauses of [true, false]) {
    const size = 5_000_000;
    await using rig = new Rig(async (conn) => {
      await conn.readHead();
      await conn.write("HTTP/1.1 413 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nbig\r\n");
    });
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

Deno.test("item 36 an upstream that dies in a short body is a 502, and is not asked again", async () => {
  await using rig = new Rig(once("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc"));
  assertMatch(await rig.ask(head("GET /")), /^HTTP\/1.1 502 /);
  assertEquals(rig.upstream.connections, 1);
});

Deno.test("item 37 bytes beyond the length are dropped and the connection is not used again", async () => {
  await using rig = new Rig(async (conn) => {
    await conn.readHead();
    await conn.write(ok("ok") + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
    await conn.readHead();
  });
  assertMatch(await rig.ask(head("GET /1"), 2), /\r\n\r\nok$/);
  assertMatch(await rig.ask(head("GET /2"), 2), /\r\n\r\nok$/);
  assertEquals(rig.upstream.connections, 2);
});

Deno.test("item 38 chunks win over a length in an answer", async () => {
  const both = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n";
  await using rig = new Rig(once(`${both}4\r\nabcd\r\n0\r\n\r\n`));
  const answer = await rig.ask(head("GET /"), 14);
  assertEquals(values(answer, "content-length"), []);
  assertMatch(answer, /4\r\nabcd\r\n0\r\n\r\n$/);
});

Deno.test("item 38 a transfer coding that would be lost is a 502", async () => {
  const coded = "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n";
  await using rig = new Rig(once(`${coded}3\r\nabc\r\n0\r\n\r\n`));
  assertMatch(await rig.ask(head("GET /")), /^HTTP\/1.1 502 /);
});

Deno.test("item 56 B34 B35 100 MB pass both ways with bounded memory", async () => {
  const size = 100_000_000;
  const block = new Uint8Array(65536);
  await using rig = new Rig(async (conn) => {
    const request = await conn.readHead() ?? "";
    if (request.startsWith("POST")) {
      let got = 0;
      while (got < size) got += (await conn.read())?.length ?? Infinity;
      await conn.write(ok(String(got)));
      return;
    }
    await conn.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
    for (let sent = 0; sent < size; sent += block.length) {
      await conn.writeBytes(block.subarray(0, size - sent));
    }
  });
  const before = Deno.memoryUsage().rss;
  let peak = before;
  const watch = setInterval(() => peak = Math.max(peak, Deno.memoryUsage().rss), 20);
  await using client = await rig.connect();
  await client.write(head("GET /"));
  await client.readHead();
  let got = 0;
  while (got < size) got += (await client.read())?.length ?? Infinity;
  await using uploader = await rig.connect();
  await uploader.write(head("POST /", `Content-Length: ${size}`));
  for (let sent = 0; sent < size; sent += block.length) {
    await uploader.writeBytes(block.subarray(0, size - sent));
  }
  assertMatch(await uploader.readHead() ?? "", /^HTTP\/1.1 200 /);
  assertEquals(await uploader.readExactly(9), String(size));
  clearInterval(watch);
  assertEquals([got, peak - before < 60_000_000], [size, true], `grew by ${peak - before}`);
});

Deno.test("item 56 a client that does not read stops the upstream, not the memory", async () => {
  let sent = 0;
  await using rig = new Rig(async (conn) => {
    await conn.readHead();
    await conn.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
    for (const block = new Uint8Array(65536); sent < 1e9; sent += block.length) {
      await conn.writeBytes(block);
    }
  });
  await using client = await rig.connect();
  await client.write(head("GET /"));
  await client.readHead();
  let last = -1;
  await until(() => {
    const stalled = sent === last && sent > 0;
    last = sent;
    return stalled;
  }, "the upstream to stall");
  assertEquals(sent < 50_000_000, true, `sent ${sent}`);
});

Deno.test("item 57 the answer may begin before the request has ended", async () => {
  await using rig = new Rig(async (conn) => {
    await conn.readHead();
    await conn.readUntil("a");
    await conn.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nA\r\n");
    await conn.readUntil("b");
    await conn.write("1\r\nB\r\n0\r\n\r\n");
  });
  await using client = await rig.connect();
  await client.write(head("POST /", "Content-Length: 2") + "a");
  await client.readHead();
  assertEquals(await client.readUntil("A\r\n"), "1\r\nA\r\n");
  await client.write("b");
  assertEquals(await client.readUntil("0\r\n\r\n"), "1\r\nB\r\n0\r\n\r\n");
});

Deno.test("item 58 an early final answer reaches a client that is still uploading", async () => {
  await using rig = new Rig(async (conn) => {
    await conn.readHead();
    await conn.write("HTTP/1.1 413 No\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig");
    await conn.readAll();
  });
  await using client = await rig.connect();
  await client.write(head("POST /", "Content-Length: 1000000") + "abc");
  assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 413 /);
  assertEquals(await client.readExactly(3), "big");
});
