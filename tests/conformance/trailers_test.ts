import { assertEquals, assertMatch } from "@std/assert";
import { FETCH, item, RELAY } from "./item.ts";
import { head, ok } from "./raw.ts";
import { asSent, Rig, values } from "./rig.ts";

const CHUNKED = "Transfer-Encoding: chunked";
const FORBIDDEN = [
  "Content-Length: 5",
  "transfer-encoding: chunked",
  "Host: evil",
  "Connection: close",
  "Content-Type: text/evil",
  "Authorization: Basic evil",
  "Trailer: X-Evil",
];

item(33, "trailers of a request are passed on with their announcement", RELAY, async (engine) => {
  const trailers = "x-SUM: 1\r\nX-b:  two \r\n";
  const request = head("POST /", CHUNKED, "Trailer: X-Sum, X-B") +
    `2\r\nhi\r\n0\r\n${trailers}\r\n`;
  let got = "";
  await using rig = new Rig(async (conn) => {
    got = await conn.readHead() + await conn.readUntil("\r\n\r\n");
    await conn.write(ok());
  }, { engine });
  assertMatch(await rig.ask(request, 2), /^HTTP\/1.1 200 /);
  assertEquals(asSent(got), request);
});

item(33, "trailers of an answer are passed on with their announcement", RELAY, async (engine) => {
  const body = "2\r\nhi\r\n0\r\nx-SUM: 1\r\nX-b:  two \r\n\r\n";
  const fields = `${CHUNKED}\r\nTrailer: X-Sum, X-B\r\nDate: x`;
  await using rig = Rig.answering(`HTTP/1.1 200 OK\r\n${fields}\r\n\r\n${body}`, { engine });
  const answer = await rig.ask(head("GET /", "TE: trailers", "Connection: TE"), body.length);
  assertEquals(values(answer, "trailer"), ["X-Sum, X-B"]);
  assertEquals(answer.slice(-body.length), body);
});

item(33, "trailers that would change framing or routing are dropped", RELAY, async (engine) => {
  const sent = `0\r\nX-1: a\r\n${FORBIDDEN.join("\r\n")}\r\nX-2: b\r\n\r\n`;
  let got = "";
  await using rig = new Rig(async (conn) => {
    await conn.readHead();
    got = await conn.readUntil("\r\n\r\n");
    await conn.write(`HTTP/1.1 200 OK\r\n${CHUNKED}\r\n\r\n${sent}`);
  }, { engine });
  await using client = await rig.connect();
  await client.write(head("POST /", CHUNKED) + sent);
  await client.readHead();
  const answered = await client.readUntil("\r\n\r\n");
  assertEquals(got, "0\r\nX-1: a\r\nX-2: b\r\n\r\n");
  assertEquals(answered, "0\r\nX-1: a\r\nX-2: b\r\n\r\n");
});

item(33, "malformed or endless trailers are refused", RELAY, async (engine) => {
  const many = Array.from({ length: 205 }, (_, i) => `X-${i}: y\r\n`).join("");
  const bad = ["X : y\r\n", " X: y\r\n", "X: a\nY: b\r\n", "X: a\x00\r\n", "junk\r\n"];
  for (const trailers of [...bad, many, `X: ${"y".repeat(70_000)}\r\n`]) {
    await using rig = new Rig(async (conn) => void await conn.readAll(), { engine });
    const request = head("POST /", CHUNKED) + `2\r\nhi\r\n0\r\n${trailers}\r\n`;
    assertMatch(await rig.everything(request), /^HTTP\/1.1 4(00|31) /, trailers.slice(0, 20));
  }
});

item(33, "an HTTP/1.0 client gets neither chunks nor trailers", RELAY, async (engine) => {
  const answer = `HTTP/1.1 200 OK\r\n${CHUNKED}\r\nTrailer: X\r\n\r\n2\r\nhi\r\n0\r\nX: y\r\n\r\n`;
  await using rig = Rig.answering(answer, { engine });
  const got = await rig.everything("GET / HTTP/1.0\r\n\r\n");
  assertMatch(got, /\r\n\r\nhi$/);
});

item(33, "trailers are dropped, the body is whole", FETCH, async (engine) => {
  const body = "2\r\nhi\r\n0\r\nX: y\r\n\r\n";
  let got = "";
  await using rig = new Rig(async (conn) => {
    await conn.readHead();
    got = await conn.readUntil("\r\n\r\n");
    await conn.write(`HTTP/1.1 200 OK\r\n${CHUNKED}\r\n\r\n${body}`);
  }, { engine });
  const plain = "2\r\nhi\r\n0\r\n\r\n";
  const answer = await rig.ask(head("POST /", CHUNKED) + body, plain.length);
  assertEquals([got, answer.slice(-plain.length)], [plain, plain]);
});
