import { assertEquals, assertMatch } from "@std/assert";
import { head, latin1, ok, utf8 } from "./raw.ts";
import { Rig, values } from "./rig.ts";

async function gzipped(text: string): Promise<string> {
  const stream = new Blob([utf8(text)]).stream().pipeThrough(new CompressionStream("gzip"));
  const bytes = await new Response(stream).bytes();
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

Deno.test("item 40 HEAD keeps the length of the body that is not sent", async () => {
  await using rig = Rig.answering("HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n");
  await using client = await rig.connect();
  await client.write(head("HEAD /1"));
  assertEquals(values(await client.readHead() ?? "", "content-length"), ["1234"]);
  await client.write(head("HEAD /2"));
  assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 200 /);
});

Deno.test("item 40 HEAD of a body without a length claims none", async () => {
  await using rig = Rig.answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  assertEquals(values(await rig.ask(head("HEAD /")), "content-length"), []);
});

Deno.test("item 41 204 and 304 have no body and no framing", async () => {
  for (const status of ["204 No Content", "304 Not Modified"]) {
    await using rig = Rig.answering(`HTTP/1.1 ${status}\r\nETag: "a"\r\n\r\n`);
    await using client = await rig.connect();
    await client.write(head("GET /1"));
    const answer = await client.readHead() ?? "";
    assertMatch(answer, new RegExp(`^HTTP/1.1 ${status}`));
    assertEquals(values(answer, "etag"), ['"a"']);
    assertEquals(values(answer, "transfer-encoding"), []);
    await client.write(head("GET /2"));
    assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 [23]04/);
  }
});

Deno.test("item 43 a client that expects 100-continue gets it and its upload arrives", async () => {
  let request = "";
  await using rig = new Rig(async (conn) => {
    request = await conn.readHead() ?? "";
    request += await conn.readExactly(2);
    await conn.write(ok());
  });
  await using client = await rig.connect();
  await client.write(head("POST /", "Expect: 100-continue", "Content-Length: 2"));
  assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 100 /);
  await client.write("hi");
  assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 200 /);
  assertMatch(request, /\r\n\r\nhi$/);
});

Deno.test("item 45 a status that cannot be passed on is a 502", async () => {
  for (const line of ["HTTP/1.1 600 x", "HTTP/1.1 99 x", "HTTP/1.1 1000 x", "junk"]) {
    await using rig = Rig.answering(`${line}\r\nContent-Length: 0\r\n\r\n`);
    assertMatch(await rig.ask(head("GET /")), /^HTTP\/1.1 502 /, line);
  }
});

Deno.test("item 46 B44 compressed bodies pass byte for byte", async () => {
  const body = await gzipped("hello ".repeat(1000));
  for (const accept of ["gzip, br", "gzip", "*", "br;q=0.5, gzip", ""]) {
    const fields = ["Content-Encoding: gzip", 'ETag: "a"', "Vary: Accept-Encoding"];
    await using rig = Rig.answering(ok(body, ...fields));
    const headers = accept ? [`Accept-Encoding: ${accept}`] : [];
    const answer = await rig.ask(head("GET /", ...headers), body.length);
    assertEquals(values(answer, "content-encoding"), ["gzip"]);
    assertEquals(values(answer, "content-length"), [String(body.length)]);
    assertEquals(values(answer, "etag"), ['"a"']);
    assertEquals(values(answer, "vary"), ["Accept-Encoding"]);
    assertEquals(latin1(answer.slice(-body.length)), latin1(body));
  }
});

Deno.test("item 46 what the client accepts reaches the application", async () => {
  await using rig = Rig.answering();
  await rig.ask(head("GET /", "Accept-Encoding: gzip, zstd"));
  assertEquals(values(rig.heads[0] ?? "", "accept-encoding"), ["identity", "gzip, zstd"]);
  await rig.ask(head("GET /"));
  assertEquals(values(rig.heads[1] ?? "", "accept-encoding"), ["identity"]);
});

Deno.test("item 46 zstd, deflate, HEAD and 304 keep their Content-Encoding", async () => {
  for (const coding of ["zstd", "deflate", "br", "gzip, gzip"]) {
    await using rig = Rig.answering(ok("abc", `Content-Encoding: ${coding}`));
    const answer = await rig.ask(head("GET /", "Accept-Encoding: gzip"), 3);
    assertEquals(values(answer, "content-encoding"), [coding]);
    assertMatch(answer, /\r\n\r\nabc$/);
  }
  await using rig = Rig.answering(
    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 99\r\n\r\n",
  );
  const answer = await rig.ask(head("HEAD /", "Accept-Encoding: gzip"));
  assertEquals(values(answer, "content-encoding"), ["gzip"]);
  assertEquals(values(answer, "content-length"), ["99"]);
});

Deno.test("item 47 ranges pass, compressed or not", async () => {
  const partial = "HTTP/1.1 206 Partial Content\r\nContent-Encoding: gzip\r\n" +
    "Content-Range: bytes 3-5/100\r\nContent-Length: 3\r\n\r\nabc";
  await using rig = Rig.answering(partial);
  const answer = await rig.ask(head("GET /", "Range: bytes=3-5", "Accept-Encoding: gzip"), 3);
  assertMatch(answer, /^HTTP\/1.1 206 /);
  assertEquals(values(answer, "content-range"), ["bytes 3-5/100"]);
  assertEquals(values(rig.heads[0] ?? "", "range"), ["bytes=3-5"]);
  assertMatch(answer, /\r\n\r\nabc$/);
});

Deno.test("item 48 redirects are passed on, not followed", async () => {
  await using rig = Rig.answering(
    "HTTP/1.1 302 Found\r\nLocation: /x?y\r\nContent-Length: 0\r\n\r\n",
  );
  const answer = await rig.ask(head("GET /"));
  assertMatch(answer, /^HTTP\/1.1 302 /);
  assertEquals(values(answer, "location"), ["/x?y"]);
  assertEquals(rig.heads.length, 1);
});

Deno.test("item 49 a 101 that nobody asked for is a 502", async () => {
  await using rig = Rig.answering("HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n");
  assertMatch(await rig.ask(head("GET /")), /^HTTP\/1.1 502 /);
});

Deno.test("item 50 K43 K49 each chunk is there as soon as it was sent", async () => {
  for (const type of ["text/event-stream; charset=utf-8", "text/plain"]) {
    const { promise: read, resolve: seen } = Promise.withResolvers<void>();
    await using rig = new Rig(async (conn) => {
      await conn.readHead();
      const fields = `Content-Type: ${type}\r\nTransfer-Encoding: chunked`;
      await conn.write(`HTTP/1.1 200 OK\r\n${fields}\r\n\r\n3\r\none\r\n`);
      await read;
      await conn.write("3\r\ntwo\r\n0\r\n\r\n");
    });
    await using client = await rig.connect();
    await client.write(head("GET /"));
    await client.readHead();
    assertEquals(await client.readUntil("one\r\n"), "3\r\none\r\n");
    seen();
    assertEquals(await client.readUntil("0\r\n\r\n"), "3\r\ntwo\r\n0\r\n\r\n");
  }
});

Deno.test("item 51 K51 B33 the application's own errors pass byte for byte, asked once", async () => {
  for (const status of [404, 500, 502, 503, 504]) {
    await using rig = Rig.answering(
      `HTTP/1.1 ${status} x\r\nX-Own: 1\r\nContent-Length: 4\r\n\r\noops`,
    );
    const answer = await rig.ask(head("GET /"), 4);
    assertMatch(answer, new RegExp(`^HTTP/1.1 ${status} `));
    assertEquals(values(answer, "x-own"), ["1"]);
    assertMatch(answer, /\r\n\r\noops$/);
    assertEquals(rig.heads.length, 1);
  }
});
