import { assertEquals, assertMatch } from "@std/assert";
import { head, ok } from "./raw.ts";
import { Rig, values } from "./rig.ts";

function firstLine(text: string | undefined): string | undefined {
  return text?.split("\r\n")[0];
}

Deno.test("item 01 methods are passed on as they are", async () => {
  await using rig = Rig.answering(ok(""));
  for (const method of ["GET", "DELETE", "OPTIONS", "PROPFIND", "FOO", "patch"]) {
    await rig.ask(head(`${method} /`));
    assertEquals(firstLine(rig.heads.pop()), `${method} / HTTP/1.1`);
  }
});

Deno.test("item 01 methods that fetch would rewrite or forbid are refused with 501", async () => {
  await using rig = Rig.answering();
  for (const method of ["get", "post", "Delete", "head", "oPTIONS", "put", "trace", "TRACK"]) {
    assertMatch(await rig.ask(head(`${method} /`, "Content-Length: 0")), /^HTTP\/1.1 501 /, method);
  }
  assertEquals(rig.heads, []);
});

Deno.test("item 02 TRACE is refused with 501 and reaches nobody", async () => {
  await using rig = Rig.answering();
  assertMatch(await rig.ask(head("TRACE /")), /^HTTP\/1.1 501 /);
  assertEquals(rig.heads, []);
});

Deno.test("item 03 B45b CONNECT is refused with 405", async () => {
  await using rig = Rig.answering();
  const answer = await rig.ask("CONNECT other:80 HTTP/1.1\r\nHost: other:80\r\n\r\n");
  assertMatch(answer, /^HTTP\/1.1 405 /);
  assertEquals(values(answer, "allow").length, 1);
  assertEquals(rig.heads, []);
});

Deno.test("item 04 GET and HEAD with a body are refused, never sent without it", async () => {
  await using rig = Rig.answering();
  for (const method of ["GET", "HEAD"]) {
    const sized = head(`${method} /`, "Content-Length: 2") + "hi";
    const chunked = head(`${method} /`, "Transfer-Encoding: chunked") + "2\r\nhi\r\n0\r\n\r\n";
    for (const request of [sized, chunked]) {
      assertMatch(await rig.ask(request), /^HTTP\/1.1 501 /);
    }
  }
  assertEquals(rig.heads, []);
});

Deno.test("item 05 K41 paths and queries reach the application byte for byte", async () => {
  await using rig = Rig.answering();
  const targets = [
    "/?p1=a;b;c&p2=%x&p3=ok",
    "/a//b",
    "//a",
    "/%2F%2f%3A",
    "/a;b=1/..;/c",
    "/a|b^[c]",
    "/a'b",
    "/?",
    "/a?b?c",
    "/%",
    "/~user/$&!*()+,=:@",
    "/.well-known/x",
    "/?a|b^`{}",
  ];
  for (const target of targets) {
    await rig.ask(head(`GET ${target}`));
    assertEquals(firstLine(rig.heads.pop()), `GET ${target} HTTP/1.1`);
  }
});

Deno.test("item 05 what fetch would rewrite is refused with 501, not sent changed", async () => {
  await using rig = Rig.answering();
  const targets = ["/a/../b", "/a/%2e%2E/b", "/./a", "/a{b}", "/a`b", '/a"b', "/?a'b", "/?<>"];
  for (const target of [...targets, "/a\\b", "/\xc3\xa9", "/a#b"]) {
    const answer = await rig.ask(head(`GET ${target}`));
    assertMatch(answer, /^HTTP\/1.1 (501|400) /, target);
  }
  assertEquals(rig.heads, []);
});

Deno.test("item 06 OPTIONS * cannot be told from OPTIONS /* and is refused", async () => {
  await using rig = Rig.answering();
  assertMatch(await rig.ask(head("OPTIONS *")), /^HTTP\/1.1 501 /);
  assertEquals(rig.heads, []);
});

Deno.test("item 07 the authority of an absolute target replaces Host", async () => {
  await using rig = Rig.answering();
  await rig.ask(head("GET http://other.example:81/a?b"));
  assertEquals(firstLine(rig.heads[0]), "GET /a?b HTTP/1.1");
  assertEquals(values(rig.heads[0] ?? "", "host"), ["other.example:81"]);
  await rig.ask(head("GET http://other.example"));
  assertEquals(firstLine(rig.heads[1]), "GET / HTTP/1.1");
});

Deno.test("item 08 an invalid or repeated Host is refused with 400", async () => {
  await using rig = Rig.answering();
  for (const host of ["a/b", "a?b", "user@a", "a b", "a#b", "a\r\nHost: b"]) {
    const answer = await rig.ask(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    assertMatch(answer, /^HTTP\/1.1 400 /, host);
  }
  assertEquals(rig.heads, []);
});

Deno.test("item 09 a request line of 8000 bytes is passed on", async () => {
  await using rig = Rig.answering();
  const target = `/${"a".repeat(7990)}`;
  await rig.ask(head(`GET ${target}`));
  assertEquals(firstLine(rig.heads[0]), `GET ${target} HTTP/1.1`);
});

Deno.test("item 12 HTTP/1.0 requests are served", async () => {
  await using rig = Rig.answering();
  await using client = await rig.connect();
  await client.write("GET /a HTTP/1.0\r\n\r\n");
  const answer = await client.readAll();
  assertMatch(answer, /^HTTP\/1.0 200 OK\r\n/);
  assertMatch(answer, /\r\n\r\nok$/);
  assertEquals(firstLine(rig.heads[0]), "GET /a HTTP/1.1");
});

Deno.test("item 12 HTTP/2 with prior knowledge works, with and without a body", async () => {
  await using rig = Rig.answering();
  const client = Deno.createHttpClient({ http1: false, http2: true });
  const url = `http://127.0.0.1:${rig.proxy.port}/a`;
  assertEquals(await (await fetch(url, { client })).text(), "ok");
  assertEquals(values(rig.heads[0] ?? "", "host"), [`127.0.0.1:${rig.proxy.port}`]);
  assertEquals(await (await fetch(url, { client, method: "DELETE" })).text(), "ok");
  assertEquals(values(rig.heads[1] ?? "", "transfer-encoding"), []);
  client.close();
});
