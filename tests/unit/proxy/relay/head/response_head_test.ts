import { assertEquals, assertMatch } from "@std/assert";
import type { ResponseContext } from "../../../../../src/proxy/relay/head/heads.ts";
import { isBad, limits, readResponse, response } from "./heads.ts";

const OK = "HTTP/1.1 200 OK";
const LENGTH = "Content-Length: 5";
const FIVE = { kind: "length", length: 5 } as const;
const CHUNKED = "Transfer-Encoding: chunked";

/** The lines that the client gets after the status line. */
function passing(
  lines: string[],
  line = OK,
  context: Partial<ResponseContext> = {},
): string[] {
  return response(line, lines, context).sent.slice(1, -2);
}

Deno.test("item 13 item 24 item 46 other lines pass byte for byte and in order", () => {
  const lines = [
    "Set-Cookie: a=1",
    "server:x",
    "set-cookie:  b=2 ",
    'ETag: W/"\xe4"',
    "X-Control: \x01\x1b",
    "Content-Encoding: gzip",
    "Location: http://127.0.0.1:1/x",
    LENGTH,
    "Date: Sun, 22 Nov 2026 00:00:00 GMT",
  ];
  assertEquals(response(OK, lines).sent, [OK, ...lines, "", ""]);
});

Deno.test("item 15 item 16 hop-by-hop lines are removed", () => {
  const lines = [
    "A: 1",
    "Connection: keep-alive, x-b",
    "Keep-Alive: timeout=5",
    "X-B: 2",
    "Upgrade: h2,h2c",
    "Proxy-Connection: close",
    "Proxy-Authenticate: Basic",
    "Trailer: X",
    LENGTH,
  ];
  assertEquals(passing(lines), ["A: 1", LENGTH]);
});

Deno.test("item 16 an answer's Connection cannot remove what frames it", () => {
  const head = response(OK, ["Connection: content-length, date", LENGTH]);
  assertEquals([head.framing, head.sent.slice(1, -2)], [FIVE, [LENGTH]]);
});

Deno.test("item 24 Date is added when it is missing", () => {
  const { sent } = readResponse(`${OK}\r\n${LENGTH}\r\n\r\n`);
  const date = "\\w{3}, \\d{2} \\w{3} \\d{4} \\d{2}:\\d{2}:\\d{2} GMT";
  assertMatch(sent, new RegExp(`^${OK}\r\n${LENGTH}\r\nDate: ${date}\r\n\r\n$`));
  const interim = readResponse("HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n").sent;
  assertEquals(interim, "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n");
});

Deno.test("item 45 status and reason pass, whatever they are", () => {
  for (const line of ["HTTP/1.1 299 ", "HTTP/1.1 999 A  b\t\xe4", "HTTP/1.1 404 Not\x01"]) {
    const head = response(line, [LENGTH]);
    assertEquals([head.status, head.sent[0]], [Number(line.slice(9, 12)), line]);
  }
  assertEquals(response("HTTP/1.1 200").sent[0], "HTTP/1.1 200 ");
  assertEquals(response("HTTP/1.0 200 Fine").sent[0], "HTTP/1.1 200 Fine");
  assertEquals(response("HTTP/1.0 200").sent[0], "HTTP/1.1 200 ");
  assertEquals(response("HTTP/1.9 200 OK").sent[0], OK);
});

Deno.test("item 45 R7 what is no status line is bad", () => {
  const lines = [
    "",
    "HTTP/1.1",
    "HTTP/2.0 200 OK",
    "HTTP/1.1 099 X",
    "HTTP/1.1 20 OK",
    "ICY 200 OK",
  ];
  const more = [
    "HTTP/1.1 2000 OK",
    "HTTP/1.1  200 OK",
    "http/1.1 200 OK",
    "HTTP/1.1 2x0 OK",
    "220 ready",
  ];
  for (
    const line of [...lines, ...more, "HTTP/1.1 200\tOK", "HTTP/1.10 200 OK", "HTTP/1.1 000 X"]
  ) {
    assertEquals(isBad(line), true, line);
  }
});

Deno.test("item 10 item 11 R7 malformed header lines are bad", () => {
  for (
    const line of [
      "A",
      " A: 1",
      "A : 1",
      ": 1",
      "A: \0",
      "A: a\rb",
      "A: 1\r.B: 1",
      "A: 1\n",
      "A: 1\r\n b",
    ]
  ) {
    assertEquals(isBad(OK, [line, "B: 1"]), true, JSON.stringify(line));
  }
  for (
    const text of [
      `${OK}\n\n`,
      `${OK}\r\n\n`,
      `${OK}\nA: 1\r\n\r\n`,
      "",
      OK,
      `${OK}\r\n`,
      `${OK}\r\n\rX`,
      `${OK}\r\nA: 1\r\n`,
      `${OK}\0\n\r\n`,
      `${OK}\n\r\n`,
    ]
  ) {
    assertEquals(readResponse(text).head.kind, "bad", JSON.stringify(text));
  }
});

Deno.test("item 25 an answer's head that is too large is bad", () => {
  const lines = Array.from({ length: 10 }, (_, index) => `A${index}: 1`);
  assertEquals(isBad(OK, lines, { limits: limits({ maxHeaders: 10 }) }), false);
  assertEquals(isBad(OK, lines, { limits: limits({ maxHeaders: 9 }) }), true);
  assertEquals(isBad(OK, lines, { limits: limits({ maxHeadBytes: 50 }) }), true);
});

Deno.test("item 34 chunked stays chunked, a length stays a length", () => {
  const chunked = response(OK, [CHUNKED, "Trailer: X"]);
  assertEquals(chunked.sent.slice(1, -2), [CHUNKED, "Trailer: X"]);
  assertEquals([chunked.framing, chunked.clientFraming], [{ kind: "chunked" }, {
    kind: "chunked",
  }]);
  const sized = response(OK, [LENGTH]);
  assertEquals([sized.framing, sized.clientFraming], [FIVE, FIVE]);
  assertEquals([sized.keepAlive, sized.reusable], [true, true]);
  assertEquals(response(OK, ["Content-Length: 0"]).framing, { kind: "none" });
});

Deno.test("item 35 K54 an answer without a length becomes chunked", () => {
  const head = response(OK, ["A: 1"]);
  assertEquals(head.sent.slice(1, -2), ["A: 1", CHUNKED]);
  assertEquals([head.framing, head.clientFraming], [{ kind: "close" }, { kind: "chunked" }]);
  assertEquals([head.keepAlive, head.reusable], [true, false]);
});

Deno.test("item 35 item 60 an HTTP/1.0 client gets no chunks and an end instead", () => {
  for (const lines of [[], [CHUNKED, "Trailer: X"]]) {
    const head = response(OK, lines, { minor: 0 });
    assertEquals(head.sent.slice(1, -2), ["Connection: close"]);
    assertEquals([head.clientFraming, head.keepAlive], [{ kind: "close" }, false]);
    assertEquals(head.reusable, lines.length > 0);
  }
});

Deno.test("item 60 an HTTP/1.0 client that asked for it is kept when the length is known", () => {
  assertEquals(passing([LENGTH], OK, { minor: 0 }), [LENGTH, "Connection: keep-alive"]);
  const closing = passing([LENGTH], OK, { minor: 0, keepAlive: false });
  assertEquals(closing, [LENGTH, "Connection: close"]);
});

Deno.test("item 59 item 69 a connection that is not kept is announced to the client", () => {
  const head = response(OK, [LENGTH], { keepAlive: false });
  assertEquals(head.sent.slice(1, -2), [LENGTH, "Connection: close"]);
  assertEquals([head.keepAlive, head.reusable], [false, true]);
});

Deno.test("item 59 what the backend does with its connection is its own business", () => {
  const closing = response(OK, ["Connection: Close", LENGTH]);
  assertEquals([closing.keepAlive, closing.reusable], [true, false]);
  const old = response("HTTP/1.0 200 OK", ["Connection: keep-alive", LENGTH]);
  assertEquals([old.keepAlive, old.reusable, old.framing], [true, false, FIVE]);
});

Deno.test("item 28 lengths that are invalid or differ are bad, of equal ones the first passes", () => {
  for (const value of ["", "-1", "5, 5", "0x5", "5 5", "9".repeat(20)]) {
    assertEquals(isBad(OK, [`Content-Length: ${value}`]), true, value);
  }
  assertEquals(isBad(OK, [LENGTH, "Content-Length: 6"]), true);
  assertEquals(passing([LENGTH, "A: 1", "content-length: 5"]), [LENGTH, "A: 1"]);
});

Deno.test("item 29 item 30 other transfer codings, and any in HTTP/1.0, are bad", () => {
  for (const value of ["gzip, chunked", "identity", "chunked, chunked", "xchunked", "", "gzip"]) {
    assertEquals(isBad(OK, [`Transfer-Encoding: ${value}`]), true, value);
  }
  assertEquals(isBad(OK, [CHUNKED, CHUNKED]), true);
  assertEquals(isBad("HTTP/1.0 200 OK", [CHUNKED]), true);
});

Deno.test("item 38 a transfer coding wins over a length, and the connection is not used again", () => {
  for (const lines of [[LENGTH, CHUNKED], [CHUNKED, LENGTH]]) {
    const head = response(OK, lines);
    assertEquals(head.sent.slice(1, -2), [CHUNKED]);
    assertEquals([head.framing, head.reusable], [{ kind: "chunked" }, false]);
  }
});

Deno.test("item 40 an answer to HEAD has no body and keeps what it would have had", () => {
  for (const lines of [[LENGTH], [CHUNKED], []]) {
    const head = response(OK, lines, { method: "HEAD" });
    assertEquals(head.sent.slice(1, -2), lines);
    assertEquals([head.framing, head.clientFraming], [{ kind: "none" }, { kind: "none" }]);
    assertEquals([head.keepAlive, head.reusable], [true, true]);
  }
  assertEquals(passing([CHUNKED], OK, { method: "HEAD", minor: 0 }), ["Connection: keep-alive"]);
});

Deno.test("item 41 204, 304 and 1xx have no body, and say so", () => {
  for (const lines of [[LENGTH], [CHUNKED], [CHUNKED, LENGTH], []]) {
    for (const status of [204, 100, 103, 199]) {
      const head = response(`HTTP/1.1 ${status} X`, ["A: 1", ...lines]);
      assertEquals(head.sent.slice(1, -2), ["A: 1"]);
      assertEquals([head.framing, head.clientFraming], [{ kind: "none" }, { kind: "none" }]);
    }
  }
  const unchanged = response("HTTP/1.1 304 Not Modified", [LENGTH]);
  assertEquals(unchanged.sent.slice(1, -2), [LENGTH]);
  assertEquals([unchanged.framing, unchanged.reusable], [{ kind: "none" }, true]);
  assertEquals(passing([CHUNKED], "HTTP/1.1 304 Not Modified"), []);
});

Deno.test("item 41 a backend that announces a body for 204 is not used again", () => {
  assertEquals(response("HTTP/1.1 204 X", [LENGTH]).reusable, false);
  assertEquals(response("HTTP/1.1 204 X", [CHUNKED]).reusable, false);
  assertEquals(response("HTTP/1.1 204 X", ["Content-Length: 0"]).reusable, true);
  assertEquals(response("HTTP/1.1 204 X").reusable, true);
});

Deno.test("item 42 interim answers pass without hop-by-hop lines and say nothing of connections", () => {
  const lines = ["Connection: close", "Link: </a>", "Keep-Alive: timeout=1", "Upgrade: x"];
  const context = { keepAlive: false, upgrade: "x" };
  assertEquals(passing(lines, "HTTP/1.1 103 Early Hints", context), ["Link: </a>"]);
});

Deno.test("item 49 item 52 101 passes when the protocol was asked for", () => {
  const lines = ["Upgrade: WebSocket", "Sec-WebSocket-Accept: x"];
  const head = response("HTTP/1.1 101 Switching", ["connection: upgrade", ...lines], {
    upgrade: "foo/2, websocket",
  });
  assertEquals(head.sent.slice(1, -2), [...lines, "Connection: Upgrade"]);
  assertEquals([head.status, head.framing, head.reusable], [101, { kind: "none" }, false]);
});

Deno.test("item 49 101 is bad when it was not asked for", () => {
  const line = "HTTP/1.1 101 Switching";
  assertEquals(isBad(line, ["Upgrade: websocket"]), true);
  assertEquals(isBad(line, ["Upgrade: foo"], { upgrade: "websocket" }), true);
  assertEquals(isBad(line, ["Upgrade: websocket, foo"], { upgrade: "websocket" }), true);
  assertEquals(isBad(line, [], { upgrade: "websocket" }), true);
});

Deno.test("426 says what to upgrade to", () => {
  const lines = ["Upgrade: x/3", "Content-Length: 0"];
  const line = "HTTP/1.1 426 Upgrade Required";
  assertEquals(passing(lines, line), [...lines, "Connection: Upgrade"]);
});

Deno.test("the backend's idle time is read from Keep-Alive", () => {
  const idle = (value: string) => response(OK, [`Keep-Alive: ${value}`]).idleTimeoutMs;
  assertEquals(idle("timeout=5"), 5000);
  assertEquals(idle("max=100, Timeout = 72"), 72_000);
  assertEquals(idle("timeout=0"), 0);
  assertEquals(idle("max=100"), null);
  assertEquals(idle("timeout=x"), null);
  assertEquals(response(OK).idleTimeoutMs, null);
});
