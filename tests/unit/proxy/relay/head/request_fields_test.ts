import { assertEquals } from "@std/assert";
import { OURS, refusalOf, request } from "./heads.ts";

const GET = "GET / HTTP/1.1";

/** The lines that the backend gets, but for the request line, `Host` and the forwarding lines. */
function passing(lines: string[], line = GET): string[] {
  return request(line, lines).sent.slice(2, -2).filter((sent) => !OURS.includes(sent));
}

Deno.test("item 13 item 14 item 26 K53 other lines pass byte for byte and in order", () => {
  const lines = [
    "X-b:1",
    "x-B:  2 ",
    "Cookie: a=b; c=d",
    "A:",
    "Early-Data: 1",
    "X-Latin: \xe4\xff\x80",
    "priority:\tu=1\t",
    "Traceparent: 00-1",
    "cookie: e",
    "X-b: 3",
    "Content-Md5: x",
    "Via: 1.0 fred",
  ];
  assertEquals(request(GET, lines).sent, [GET, "Host: a", ...lines, ...OURS, "", ""]);
});

Deno.test("item 15 item 17 hop-by-hop lines are removed", () => {
  const lines = [
    "A: 1",
    "Connection: keep-alive",
    "keep-alive: timeout=5",
    "Proxy-Connection: close",
    "B: 2",
    "TE: gzip",
    "Upgrade: websocket",
    "Trailer: X",
    "Proxy-Authorization: Basic eA==",
    "Proxy-Authenticate: Basic",
    "HTTP2-Settings: AAMAAABk",
    "C: 3",
  ];
  assertEquals(passing(lines), ["A: 1", "B: 2", "C: 3"]);
});

Deno.test("item 16 lines that Connection names are removed, before and after it", () => {
  const lines = ["X-A: 1", "connection: x-a ,, X-B\t,close", "B: 2", "x-b: 3", "X-a: 4", "X-Ab: 5"];
  assertEquals(passing(lines), ["B: 2", "X-Ab: 5"]);
  assertEquals(passing(["Connection: x-a", "Connection: b", "B: 1", "X-A: 2", "C: 3"]), ["C: 3"]);
});

Deno.test("item 16 a Connection that names what everybody needs is refused", () => {
  const names = [
    "Host",
    "content-length",
    "Transfer-Encoding",
    "cookie",
    "Authorization",
    "Expect",
  ];
  for (const name of [...names, "Content-Type", "Idempotency-Key"]) {
    assertEquals(refusalOf([`Connection: close, ${name}`]), 400, name);
  }
});

Deno.test("item 59 item 60 who keeps a connection open is told by version and Connection", () => {
  const keepAlive = (minor: number, ...lines: string[]) =>
    request(`GET / HTTP/1.${minor}`, lines).keepAlive;
  assertEquals(keepAlive(1), true);
  assertEquals(keepAlive(1, "Connection: Close"), false);
  assertEquals(keepAlive(1, "Connection: foo", "Connection: bar , close"), false);
  assertEquals(keepAlive(1, "Connection: closed"), true);
  assertEquals(keepAlive(0), false);
  assertEquals(keepAlive(0, "Connection: Keep-Alive"), true);
  assertEquals(keepAlive(0, "Connection: keep-alive, close"), false);
  assertEquals(keepAlive(0, "Proxy-Connection: keep-alive"), false);
});

Deno.test("item 18 TE: trailers is passed on, other codings are not", () => {
  const te = ["TE: trailers", "Connection: TE"];
  assertEquals(passing(["te: gzip;q=0.5, Trailers", "Connection: TE"]), te);
  assertEquals(passing(["TE: trailers"]), te);
  assertEquals(passing(["TE: gzip", "Connection: TE"]), []);
  assertEquals(passing(["TE: trailers"], "GET / HTTP/1.0"), []);
});

Deno.test("item 33 Trailer announces trailers of a chunked body only", () => {
  const chunked = ["Trailer: X-Sum", "Transfer-Encoding: chunked"];
  assertEquals(passing(chunked), chunked);
  assertEquals(passing(["Trailer: X-Sum", "Content-Length: 1"]), ["Content-Length: 1"]);
});

Deno.test("item 52 item 53 an upgrade passes with all that belongs to it", () => {
  const lines = ["Upgrade: WebSocket", "Sec-WebSocket-Key: x", "Origin: http://a"];
  const head = request(GET, ["Connection: keep-alive, Upgrade", ...lines]);
  assertEquals(head.upgrade, "websocket");
  assertEquals(head.sent.slice(2), [...lines, ...OURS, "Connection: Upgrade", "", ""]);
  assertEquals(
    request(GET, ["Upgrade: a", "Upgrade: b/1", "Connection: upgrade"]).upgrade,
    "a, b/1",
  );
});

Deno.test("item 53 an upgrade may have a body", () => {
  const lines = ["Connection: Upgrade", "Upgrade: x", "Content-Length: 2"];
  const head = request("POST / HTTP/1.1", lines);
  assertEquals([head.upgrade, head.framing], ["x", { kind: "length", length: 2 }]);
});

Deno.test("item 53 without Connection, in HTTP/1.0, or to h2c there is no upgrade", () => {
  const cases: [string, string[]][] = [
    [GET, ["Upgrade: websocket"]],
    [GET, ["Connection: upgrade"]],
    [GET, ["Connection: upgrade", "Upgrade:"]],
    ["GET / HTTP/1.0", ["Connection: upgrade", "Upgrade: websocket"]],
    [GET, ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AA"]],
    [GET, ["Connection: Upgrade", "Upgrade: websocket, H2C"]],
  ];
  for (const [line, lines] of cases) {
    assertEquals(request(line, lines).upgrade, null, lines.join());
    assertEquals(passing(lines, line), [], lines.join());
  }
});

Deno.test("item 18 item 52 an upgrade that accepts trailers has one Connection line", () => {
  const lines = ["Upgrade: x", "TE: trailers"];
  const sent = passing(["Connection: upgrade, te", ...lines]);
  assertEquals(sent, ["Upgrade: x", "TE: trailers", "Connection: Upgrade, TE"]);
});

Deno.test("R4 an idempotency key is noticed and passed on", () => {
  for (const line of ["idempotency-key: x", "X-Idempotency-Key: y"]) {
    assertEquals(request(GET, [line]).idempotencyKey, true);
    assertEquals(passing([line]), [line]);
  }
  assertEquals(request(GET, ["Idempotency_Key: x"]).idempotencyKey, false);
});

Deno.test("one request leaves nothing behind for the next", () => {
  request("OPTIONS http://b/ HTTP/1.0", [
    "Connection: keep-alive, upgrade, x",
    "Upgrade: x",
    "Expect: 100-continue",
    "Content-Length: 5",
    "Max-Forwards: 0",
    "Idempotency-Key: 1",
  ]);
  request(GET, ["TE: trailers", "Transfer-Encoding: chunked", "Connection: close"]);
  assertEquals(request(GET, ["X: 1"]), {
    kind: "request",
    method: "GET",
    minor: 1,
    framing: { kind: "none" },
    keepAlive: true,
    expectsContinue: false,
    upgrade: null,
    idempotencyKey: false,
    isForUs: false,
    sent: [GET, "Host: a", "X: 1", ...OURS, "", ""],
  });
});
