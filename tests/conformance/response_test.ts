import { assertEquals, assertMatch } from "@std/assert";
import { FETCH, item, RELAY } from "./item.ts";
import { head, latin1, ok, utf8 } from "./raw.ts";
import { firstLine, Rig, values } from "./rig.ts";

async function gzipped(text: string): Promise<string> {
  const stream = new Blob([utf8(text)]).stream().pipeThrough(new CompressionStream("gzip"));
  const bytes = await new Response(stream).bytes();
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

item(40, "HEAD keeps the length of the body that is not sent", async (engine) => {
  await using rig = Rig.answering("HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n", { engine });
  await using client = await rig.connect();
  await client.write(head("HEAD /1"));
  assertEquals(values(await client.readHead() ?? "", "content-length"), ["1234"]);
  await client.write(head("HEAD /2"));
  assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 200 /);
});

item(40, "HEAD of a body without a length claims none", async (engine) => {
  const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  await using rig = Rig.answering(chunked, { engine });
  assertEquals(values(await rig.ask(head("HEAD /")), "content-length"), []);
});

item(40, "a body that comes with HEAD, 204 or 304 reaches nobody", async (engine) => {
  const cases = [
    ["HEAD", "200 OK", "Content-Length: 5"],
    ["GET", "204 No Content", "Content-Length: 5"],
    ["GET", "304 Not Modified", "Content-Length: 5"],
  ] as const;
  for (const [method, status, length] of cases) {
    const wrong = `HTTP/1.1 ${status}\r\n${length}\r\n\r\nhello`;
    await using rig = Rig.answering(wrong, { engine });
    await using client = await rig.connect();
    for (let i = 0; i < 2; i++) {
      await client.write(head(`${method} /`));
      assertEquals(firstLine(await client.readHead()), `HTTP/1.1 ${status}`);
    }
    await client.write(head(`${method} /`, "Connection: close"));
    assertMatch(await client.readAll(), /\r\n\r\n$/);
  }
});

item(41, "204 and 304 have no body and no framing", async (engine) => {
  for (const status of ["204 No Content", "304 Not Modified"]) {
    await using rig = Rig.answering(`HTTP/1.1 ${status}\r\nETag: "a"\r\n\r\n`, { engine });
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

item(41, "204 loses its length and its chunks", async (engine) => {
  for (const line of ["Content-Length: 0", "Transfer-Encoding: chunked"]) {
    const body = line.includes("chunked") ? "0\r\n\r\n" : "";
    await using rig = Rig.answering(`HTTP/1.1 204 x\r\n${line}\r\n\r\n${body}`, { engine });
    const answer = await rig.ask(head("GET /"));
    assertEquals(values(answer, "content-length"), [], line);
    assertEquals(values(answer, "transfer-encoding"), [], line);
  }
});

item(41, "304 keeps the length of what is not sent", RELAY, async (engine) => {
  const answer = "HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\n\r\n";
  await using rig = Rig.answering(answer, { engine });
  await using client = await rig.connect();
  for (let i = 0; i < 2; i++) {
    await client.write(head("GET /"));
    assertEquals(values(await client.readHead() ?? "", "content-length"), ["77"]);
  }
});

item(45, "a line that is no status line is a 502", async (engine) => {
  for (const line of ["HTTP/1.1 99 x", "HTTP/1.1 1000 x", "junk", "HTTP/1.1 2x0 x", "ICY 200 OK"]) {
    await using rig = Rig.answering(`${line}\r\nContent-Length: 0\r\n\r\n`, { engine });
    assertMatch(await rig.ask(head("GET /")), /^HTTP\/1.1 502 /, line);
  }
});

item(45, "reasons are passed on, empty or not, and so is every status", RELAY, async (engine) => {
  const lines = ["200 Alles \xfcber", "299 ", "599 a b", "600 x", "999 y", "218 This is fine"];
  for (const line of lines) {
    await using rig = Rig.answering(`HTTP/1.1 ${line}\r\nContent-Length: 0\r\n\r\n`, { engine });
    assertEquals(firstLine(await rig.ask(head("GET /"))), `HTTP/1.1 ${line}`);
  }
});

item(45, "a missing blank after the status is put there", RELAY, async (engine) => {
  await using rig = Rig.answering("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", { engine });
  assertMatch(firstLine(await rig.ask(head("GET /"))), /^HTTP\/1.1 200 ?$/);
});

item(45, "statuses from 600 on are a 502", FETCH, async (engine) => {
  await using rig = Rig.answering("HTTP/1.1 600 x\r\nContent-Length: 0\r\n\r\n", { engine });
  assertMatch(await rig.ask(head("GET /")), /^HTTP\/1.1 502 /);
});

item(46, "B44 compressed bodies pass byte for byte", async (engine) => {
  const body = await gzipped("hello ".repeat(1000));
  for (const accept of ["gzip, br", "gzip", "*", "br;q=0.5, gzip", ""]) {
    const fields = ["Content-Encoding: gzip", 'ETag: "a"', "Vary: Accept-Encoding"];
    await using rig = Rig.answering(ok(body, ...fields), { engine });
    const headers = accept ? [`Accept-Encoding: ${accept}`] : [];
    const answer = await rig.ask(head("GET /", ...headers), body.length);
    assertEquals(values(answer, "content-encoding"), ["gzip"]);
    assertEquals(values(answer, "content-length"), [String(body.length)]);
    assertEquals(values(answer, "etag"), ['"a"']);
    assertEquals(values(answer, "vary"), ["Accept-Encoding"]);
    assertEquals(latin1(answer.slice(-body.length)), latin1(body));
  }
});

item(46, "what the client accepts is what the application sees", RELAY, async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  await rig.ask(head("GET /", "Accept-Encoding: gzip, zstd"));
  assertEquals(values(rig.heads[0] ?? "", "accept-encoding"), ["gzip, zstd"]);
  await rig.ask(head("GET /"));
  assertEquals(values(rig.heads[1] ?? "", "accept-encoding"), []);
});

item(46, "what the client accepts reaches the application", FETCH, async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  await rig.ask(head("GET /", "Accept-Encoding: gzip, zstd"));
  assertEquals(values(rig.heads[0] ?? "", "accept-encoding"), ["identity", "gzip, zstd"]);
  await rig.ask(head("GET /"));
  assertEquals(values(rig.heads[1] ?? "", "accept-encoding"), ["identity"]);
});

item(46, "zstd, deflate, HEAD and 304 keep their Content-Encoding", async (engine) => {
  for (const coding of ["zstd", "deflate", "br", "gzip, gzip"]) {
    await using rig = Rig.answering(ok("abc", `Content-Encoding: ${coding}`), { engine });
    const answer = await rig.ask(head("GET /", "Accept-Encoding: gzip"), 3);
    assertEquals(values(answer, "content-encoding"), [coding]);
    assertMatch(answer, /\r\n\r\nabc$/);
  }
  const headOnly = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 99\r\n\r\n";
  await using rig = Rig.answering(headOnly, { engine });
  const answer = await rig.ask(head("HEAD /", "Accept-Encoding: gzip"));
  assertEquals(values(answer, "content-encoding"), ["gzip"]);
  assertEquals(values(answer, "content-length"), ["99"]);
});

item(47, "ranges pass, compressed or not", async (engine) => {
  const partial = "HTTP/1.1 206 Partial Content\r\nContent-Encoding: gzip\r\n" +
    "Content-Range: bytes 3-5/100\r\nContent-Length: 3\r\n\r\nabc";
  await using rig = Rig.answering(partial, { engine });
  const answer = await rig.ask(head("GET /", "Range: bytes=3-5", "Accept-Encoding: gzip"), 3);
  assertMatch(answer, /^HTTP\/1.1 206 /);
  assertEquals(values(answer, "content-range"), ["bytes 3-5/100"]);
  assertEquals(values(rig.heads[0] ?? "", "range"), ["bytes=3-5"]);
  assertMatch(answer, /\r\n\r\nabc$/);
});

item(48, "redirects are passed on, not followed", async (engine) => {
  const found = "HTTP/1.1 302 Found\r\nLocation: /x?y\r\nContent-Length: 0\r\n\r\n";
  await using rig = Rig.answering(found, { engine });
  const answer = await rig.ask(head("GET /"));
  assertMatch(answer, /^HTTP\/1.1 302 /);
  assertEquals(values(answer, "location"), ["/x?y"]);
  assertEquals(rig.heads.length, 1);
});

item(71, "K51 B33 the application's own errors pass byte for byte, asked once", async (engine) => {
  for (const status of [404, 500, 502, 503, 504]) {
    const own = `HTTP/1.1 ${status} x\r\nX-Own: 1\r\nContent-Length: 4\r\n\r\noops`;
    await using rig = Rig.answering(own, { engine });
    const answer = await rig.ask(head("GET /"), 4);
    assertMatch(answer, new RegExp(`^HTTP/1.1 ${status} `));
    assertEquals(values(answer, "x-own"), ["1"]);
    assertMatch(answer, /\r\n\r\noops$/);
    assertEquals(rig.heads.length, 1);
  }
});
