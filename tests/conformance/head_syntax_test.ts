import { assertEquals, assertMatch } from "@std/assert";
import { FETCH, item, RELAY } from "./item.ts";
import { head, ok } from "./raw.ts";
import { asSent, Rig, values } from "./rig.ts";

item(8, "an invalid or repeated Host is refused with 400", async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  for (const host of ["a/b", "a?b", "user@a", "a b", "a#b", "a\r\nHost: b"]) {
    const answer = await rig.ask(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    assertMatch(answer, /^HTTP\/1.1 400 /, host);
  }
  assertEquals(rig.heads, []);
});

item(8, "a missing Host is refused with 400, but not in HTTP/1.0", RELAY, async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  assertMatch(await rig.everything("GET / HTTP/1.1\r\n\r\n"), /^HTTP\/1.1 400 /);
  assertMatch(await rig.everything("GET http://a/ HTTP/1.1\r\n\r\n"), /^HTTP\/1.1 400 /);
  assertEquals(rig.heads, []);
  assertMatch(await rig.everything("GET / HTTP/1.0\r\n\r\n"), / 200 /);
});

item(8, "hosts with ports, brackets and capitals are passed on", RELAY, async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  for (const host of ["A.example:8080", "[::1]:81", "[2001:db8::a]", "a_b-c.d", "%41"]) {
    assertMatch(await rig.ask(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`, 2), / 200 /, host);
    assertEquals(values(rig.heads.pop() ?? "", "host"), [host]);
  }
});

item(8, "a missing Host cannot be told from HTTP/1.0", FETCH, async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  assertMatch(await rig.ask("GET / HTTP/1.1\r\n\r\n", 2), /^HTTP\/1.1 200 /);
});

item(10, "empty lines before a request are passed over", async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  await using client = await rig.connect();
  for (const path of ["/1", "/2"]) {
    await client.write("\r\n\r\n" + head(`GET ${path}`));
    assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 200 /);
    assertEquals(await client.readExactly(2), "ok");
  }
  assertEquals(rig.heads.length, 2);
});

const BAD_LINES = [
  "X-A: a\rb",
  "X-A: a\x00b",
  "X-A : b",
  "X A: b",
  ": b",
  "no colon",
  "X-\x80: b",
];

item(10, "bare CR, NUL, blanks in names and lines without a colon are a 400", async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  for (const line of BAD_LINES) {
    const answers = await rig.everything(head("GET /", line) + head("GET /hidden"));
    assertEquals(answers.match(/^HTTP\/1.1 \d+/gm), ["HTTP/1.1 400"], line);
  }
  assertEquals(rig.heads, []);
});

item(10, "bare LF, leading blanks and control bytes are a 400", RELAY, async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  const requests = [
    "GET / HTTP/1.1\nHost: a\n\n",
    "GET / HTTP/1.1\r\nHost: a\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\n\n",
    "GET / HTTP/1.1\r\nHost: a\r\nX: y\n\r\n\r\n",
    "GET / HTTP/1.1\r\n Host: a\r\n\r\n",
    " GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n",
    "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n",
  ];
  for (const request of requests) {
    const answers = await rig.everything(request + head("GET /hidden"));
    assertEquals(answers.match(/^HTTP\/1.1 \d+/gm), ["HTTP/1.1 400"], request);
  }
  assertEquals(rig.heads, []);
});

item(10, "a bare LF ends a line as CRLF does", FETCH, async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  assertMatch(await rig.ask("GET / HTTP/1.1\nHost: a\n\n", 2), /^HTTP\/1.1 200 /);
});

item(11, "a folded header line in a request is a 400", async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  for (const fold of [" b", "\tb", " "]) {
    const request = head("GET /", "X-A: a", fold);
    assertMatch(await rig.everything(request), /^HTTP\/1.1 400 /, fold);
  }
  assertEquals(rig.heads, []);
});

item(11, "a folded header line in an answer is a 502", async (engine) => {
  await using rig = Rig.answering(ok("", "X-A: a", " b"), { engine });
  assertMatch(await rig.ask(head("GET /")), /^HTTP\/1.1 502 /);
});

const MANY = Array.from({ length: 205 }, (_, i) => `X-${i}: y`);
const LONG = `X-Long: ${"y".repeat(70_000)}`;

item(25, "a head beyond the limits is a 431", RELAY, async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  for (const request of [head("GET /", ...MANY), head("GET /", LONG), head("GET /", LONG).trim()]) {
    assertMatch(await rig.everything(request), /^HTTP\/1.1 431 /);
  }
  assertEquals(rig.heads, []);
  const within = head("GET /", ...MANY.slice(10), `X-Long: ${"y".repeat(50_000)}`);
  await rig.ask(within, 2);
  assertEquals(asSent(rig.heads[0]), within);
});

item(25, "an answer's head beyond the limits is a 502", RELAY, async (engine) => {
  for (const lines of [MANY, [LONG]]) {
    await using rig = Rig.answering(ok("", ...lines), { engine });
    assertMatch(await rig.ask(head("GET /")), /^HTTP\/1.1 502 /);
  }
});

item(25, "an answer's head without end is a 502", async (engine) => {
  await using rig = new Rig(async (conn) => {
    await conn.readHead();
    await conn.write("HTTP/1.1 200 OK\r\n" + `${LONG}\r\n`.repeat(20));
    await conn.readAll();
  }, { engine });
  assertMatch(await rig.ask(head("GET /")), /^HTTP\/1.1 502 /);
});

item(25, "a head that the parser does not take is a 400", FETCH, async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  for (const lines of [MANY, MANY.slice(0, 128), [LONG]]) {
    assertMatch(await rig.everything(head("GET /", ...lines)), /^HTTP\/1.1 400 /);
  }
  assertEquals(rig.heads, []);
  await rig.ask(head("GET /", ...MANY.slice(0, 127)), 2);
  assertEquals(rig.heads.length, 1);
});
