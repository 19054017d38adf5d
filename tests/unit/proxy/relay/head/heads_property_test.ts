import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { isAuthority } from "../../../../../src/proxy/relay/head/authority.ts";
import { octets, OURS, readRequest, readResponse, request, response } from "./heads.ts";

const TOKEN = "!#$%&'*+-.^_`|~0123456789abcXYZ";
const RUNS = { numRuns: 3000 };

const name = fc.string({ unit: fc.constantFrom(...TOKEN), minLength: 1, maxLength: 20 })
  .map((text) => `Q${text}`);
const text = fc.string({
  unit: fc.integer({ min: 0x20, max: 0xff }).filter((code) => code !== 0x7f)
    .map((code) => String.fromCharCode(code)),
});
const line = fc.tuple(name, text).map(([key, value]) => `${key}:${value}`);

/** Lines that the relay has an opinion about. */
const special = mostly([
  ...[
    "Connection: close",
    "Connection: keep-alive, Qa",
    "connection: te,upgrade",
    "Keep-Alive: timeout=3",
  ],
  ...["TE: trailers", "Upgrade: websocket", "Upgrade: h2c", "Trailer: Q", "Content-Length: 3"],
  ...["content-length: 03", "Transfer-Encoding: chunked", "Transfer_Encoding: chunked", "Qa: 1"],
  ...["X-Forwarded-For: 1.1.1.1", "X_Forwarded_For: 2", "Forwarded: for=x", "Expect: 100-continue"],
  ...["Idempotency-Key: 1", "Max-Forwards: 0", "Proxy-Authorization: x", "Via: 1.1 x"],
], [
  ...["Host: b", "host:c:8", "Content-Length: 4", "Content-Length: +3", " folded", "A : b"],
  ...["Transfer-Encoding: gzip, chunked", "A: b\n", "A\rB: c", "A: \0"],
]);

const requestText = fc.tuple(
  mostly(["GET", "POST", "OPTIONS", "FOO"], ["", "CONNECT"]),
  mostly(["/", "/a?b", "http://h/p", "http://h:1", "https://h?q"], ["*", "x", "http:///", "/ "]),
  mostly(["HTTP/1.1", "HTTP/1.0", "HTTP/1.2"], ["HTTP/2.0", "HTTP/1.1 "]),
  fc.array(fc.oneof(special, line), { maxLength: 5 }),
).map(([method, target, version, lines]) =>
  [`${method} ${target} ${version}`, "Host: a", ...lines, "", ""].join("\r\n")
);

const responseText = fc.tuple(
  fc.constantFrom(
    "HTTP/1.1 200 OK",
    "HTTP/1.0 200 OK",
    "HTTP/1.1 204",
    "HTTP/1.1 304 X",
    "HTTP/1.1 103 E",
  ),
  fc.array(fc.oneof(special, line), { maxLength: 6 }),
).map(([status, lines]) => [status, "Date: x", ...lines, "", ""].join("\r\n"));

function mostly(good: string[], bad: string[]): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 15, arbitrary: fc.constantFrom(...good) },
    { weight: 1, arbitrary: fc.constantFrom(...bad) },
  );
}

/** Valid heads with some of their bytes changed. */
function damaged(heads: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const byte = fc.tuple(fc.nat({ max: 400 }), fc.nat({ max: 255 }));
  return fc.tuple(heads, fc.array(byte, { maxLength: 3 })).map(([head, changes]) => {
    const bytes = octets(head);
    for (const [at, code] of changes) bytes[at % bytes.length] = code;
    return String.fromCharCode(...bytes);
  });
}

const garbage = fc.uint8Array({ maxLength: 200 }).map((bytes) => String.fromCharCode(...bytes));

Deno.test("item 13 item 14 lines of any valid bytes come out as they went in, in order", () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
      assertEquals(request("GET / HTTP/1.1", lines).sent.slice(2), [...lines, ...OURS, "", ""]);
      assertEquals(response("HTTP/1.1 204 ", lines).sent.slice(1), [...lines, "", ""]);
    }),
    { numRuns: 500 },
  );
});

Deno.test("K47 what a backend gets says the same again as what the client sent", () => {
  let accepted = 0;
  fc.assert(
    fc.property(
      fc.oneof(requestText, damaged(requestText), garbage),
      fc.boolean(),
      (head, trusted) => {
        const first = readRequest(head, { trusted });
        if (first.head.kind === "refused" || first.head.isForUs) return;
        accepted++;
        const second = readRequest(first.sent, { trusted });
        const { method, framing, expectsContinue, upgrade, idempotencyKey } = first.head;
        assertEquals(second.head, {
          kind: "request",
          method,
          minor: 1,
          framing,
          keepAlive: true,
          expectsContinue,
          upgrade,
          idempotencyKey,
          isForUs: false,
        });
        assertEquals(first.sent.split("\r\n\r\n").length, 2);
      },
    ),
    RUNS,
  );
  assert(accepted > 300, `${accepted} accepted`);
});

Deno.test("K36 of an untrusted peer's forwarding lines nothing is left", () => {
  fc.assert(
    fc.property(requestText, (head) => {
      const { sent } = readRequest(head);
      const ips = sent.split("\r\n").filter((found) => /^x.forwarded.for/i.test(found));
      if (sent !== "") assertEquals(ips, ["X-Forwarded-For: 10.0.0.9"]);
    }),
    RUNS,
  );
});

Deno.test("what a client gets says the same again as what the backend sent", () => {
  let good = 0;
  const asked = { upgrade: "websocket" };
  fc.assert(
    fc.property(fc.oneof(responseText, damaged(responseText), garbage), (head) => {
      const first = readResponse(head, asked);
      if (first.head.kind === "bad") return;
      good++;
      const second = readResponse(first.sent, asked);
      if (second.head.kind === "bad") throw new Error(second.head.detail);
      assertEquals(second.head.status, first.head.status);
      assertEquals(second.head.framing, first.head.clientFraming);
    }),
    RUNS,
  );
  assert(good > 300, `${good} good`);
});

Deno.test("isAuthority() agrees with a grammar", () => {
  const grammar =
    /^(?:\[[0-9A-Fa-f:.]+\](?::\d{0,5})?|(?:[\w.~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+(?::\d{0,5})?|)$/;
  const piece = fc.constantFrom(
    "a",
    "[",
    "]",
    ":",
    "::1",
    "80",
    "%41",
    "%",
    "_",
    ".",
    "@",
    "/",
    " ",
    "é",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join("")), (authority) => {
      const bytes = octets(`x${authority}:`);
      assertEquals(isAuthority(bytes, 1, 1 + authority.length), grammar.test(authority), authority);
    }),
    RUNS,
  );
});
