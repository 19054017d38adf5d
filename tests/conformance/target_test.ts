import { assertEquals, assertMatch } from "@std/assert";
import { FETCH, item, RELAY } from "./item.ts";
import { head, ok } from "./raw.ts";
import { asSent, firstLine, Rig, values } from "./rig.ts";

item(5, "K41 paths and queries reach the application byte for byte", async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
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

const REWRITTEN = [
  "/a/../b",
  "/a/%2e%2E/b",
  "/./a",
  "/a{b}",
  "/a`b",
  '/a"b',
  "/?a'b",
  "/?<>",
  "/a\\b",
  "/\xc3\xa9",
  "/\xff?\x80",
];

item(5, "dots, quotes, backslashes and bytes above 127 are kept, too", RELAY, async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  for (const target of REWRITTEN) {
    await rig.ask(head(`GET ${target}`));
    assertEquals(asSent(rig.heads.pop()), head(`GET ${target}`));
  }
});

item(5, "a target with a blank or a control byte is refused with 400", RELAY, async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  for (const target of ["/a b", "/a\tb", "/a\x00b", "/a\x7fb", "a", ""]) {
    assertMatch(await rig.everything(head(`GET ${target}`)), /^HTTP\/1.1 400 /, target);
  }
  assertEquals(rig.heads, []);
});

item(5, "what fetch would rewrite is refused with 501, not sent changed", FETCH, async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  for (const target of [...REWRITTEN, "/a#b"]) {
    const answer = await rig.ask(head(`GET ${target}`));
    assertMatch(answer, /^HTTP\/1.1 (501|400) /, target);
  }
  assertEquals(rig.heads, []);
});

item(6, "OPTIONS * is passed on as an asterisk", RELAY, async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  await rig.ask(head("OPTIONS *"), 2);
  assertEquals(asSent(rig.heads.pop()), head("OPTIONS *"));
  await rig.ask(head("OPTIONS http://other.example:81"), 2);
  assertEquals(firstLine(rig.heads[0]), "OPTIONS * HTTP/1.1");
  assertEquals(values(rig.heads[0] ?? "", "host"), ["other.example:81"]);
});

item(6, "an asterisk with any other method is refused with 400", RELAY, async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  assertMatch(await rig.everything(head("GET *")), /^HTTP\/1.1 400 /);
  assertEquals(rig.heads, []);
});

item(6, "OPTIONS * cannot be told from OPTIONS /* and is refused", FETCH, async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  assertMatch(await rig.ask(head("OPTIONS *")), /^HTTP\/1.1 501 /);
  assertEquals(rig.heads, []);
});

item(7, "the authority of an absolute target replaces Host", async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  await rig.ask(head("GET http://other.example:81/a?b"));
  assertEquals(firstLine(rig.heads[0]), "GET /a?b HTTP/1.1");
  assertEquals(values(rig.heads[0] ?? "", "host"), ["other.example:81"]);
  await rig.ask(head("GET http://other.example"));
  assertEquals(firstLine(rig.heads[1]), "GET / HTTP/1.1");
});

item(7, "schemes in any case, queries without a path, no user names", RELAY, async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  await rig.ask(head("GET HTTPS://Other.example/%2f/../x"), 2);
  assertEquals(firstLine(rig.heads[0]), "GET /%2f/../x HTTP/1.1");
  assertEquals(values(rig.heads[0] ?? "", "host"), ["Other.example"]);
  await rig.ask(head("GET http://other.example?q"), 2);
  assertEquals(firstLine(rig.heads[1]), "GET /?q HTTP/1.1");
  for (const target of ["http://user@other.example/", "http:///a", "ftp://other.example/"]) {
    assertMatch(await rig.everything(head(`GET ${target}`)), /^HTTP\/1.1 400 /, target);
  }
  assertEquals(rig.heads.length, 2);
});

item(9, "a request line of 8000 bytes is passed on", async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  const target = `/${"a".repeat(7990)}`;
  await rig.ask(head(`GET ${target}`));
  assertEquals(firstLine(rig.heads[0]), `GET ${target} HTTP/1.1`);
});

item(9, "a longer target than the limit is a 414, complete or not", RELAY, async (engine) => {
  await using rig = Rig.answering(ok(), { engine, limits: { maxTargetBytes: 100 } });
  assertMatch(await rig.ask(head(`GET /${"a".repeat(99)}`), 2), /^HTTP\/1.1 200 /);
  assertMatch(await rig.everything(head(`GET /${"a".repeat(100)}`)), /^HTTP\/1.1 414 /);
  assertMatch(await rig.everything(`GET /${"a".repeat(70_000)}`), /^HTTP\/1.1 414 /);
  assertEquals(rig.heads.length, 1);
});

item(9, "a target that the parser does not take is a 400", FETCH, async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  assertMatch(await rig.everything(head(`GET /${"a".repeat(70_000)}`)), /^HTTP\/1.1 400 /);
  assertEquals(rig.heads, []);
});

item(12, "HTTP/1.0 requests are served", async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  const answer = await rig.everything("GET /a HTTP/1.0\r\n\r\n");
  assertMatch(answer, /^HTTP\/1.[01] 200 OK\r\n/);
  assertMatch(answer, /\r\n\r\nok$/);
  assertEquals(firstLine(rig.heads[0]), "GET /a HTTP/1.1");
});

item(12, "higher minor versions count as HTTP/1.1", RELAY, async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  const answer = await rig.ask("GET / HTTP/1.7\r\nHost: app.example\r\n\r\n", 2);
  assertMatch(answer, /^HTTP\/1.1 200 /);
  assertEquals(firstLine(rig.heads[0]), "GET / HTTP/1.1");
});

item(12, "HTTP/2 is a 505, HTTP/0.9 and junk are a 400", RELAY, async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  const cases = [
    ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505],
    ["GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505],
    ["GET /\r\n\r\n", 400],
    ["GET / http/1.1\r\nHost: a\r\n\r\n", 400],
    ["GET / HTTP/1.1x\r\nHost: a\r\n\r\n", 400],
    ["GET / HTTP/11\r\nHost: a\r\n\r\n", 400],
    ["GET /  HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ] as const;
  for (const [request, status] of cases) {
    assertEquals((await rig.everything(request)).slice(0, 12), `HTTP/1.1 ${status}`, request);
  }
  assertEquals(rig.heads, []);
});

item(12, "versions that the parser does not know are a 400", FETCH, async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  for (const version of ["HTTP/1.7", "HTTP/2.0", "HTTP/11"]) {
    const answer = await rig.everything(`GET / ${version}\r\nHost: a\r\n\r\n`);
    assertMatch(answer, /^HTTP\/1.1 400 /, version);
  }
  assertEquals(rig.heads, []);
});

item(12, "HTTP/2 with prior knowledge works, with and without a body", FETCH, async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  const client = Deno.createHttpClient({ http1: false, http2: true });
  const url = `http://127.0.0.1:${rig.proxy.port}/a`;
  assertEquals(await (await fetch(url, { client })).text(), "ok");
  assertEquals(values(rig.heads[0] ?? "", "host"), [`127.0.0.1:${rig.proxy.port}`]);
  assertEquals(await (await fetch(url, { client, method: "DELETE" })).text(), "ok");
  assertEquals(values(rig.heads[1] ?? "", "transfer-encoding"), []);
  client.close();
});
