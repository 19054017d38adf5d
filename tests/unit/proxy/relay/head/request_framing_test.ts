import { assertEquals } from "@std/assert";
import type { Framing } from "../../../../../src/proxy/relay/body/filter.ts";
import { limits, OURS, refusal, refusalOf, request } from "./heads.ts";

/** The body's framing and the lines that pass, `Host` and ours left out. */
function framing(lines: string[], line = "POST / HTTP/1.1"): [Framing, string[]] {
  const head = request(line, lines);
  return [head.framing, head.sent.slice(2, -2).filter((sent) => !OURS.includes(sent))];
}

function length(bytes: number): Framing {
  return { kind: "length", length: bytes };
}

Deno.test("item 4 a body's framing has nothing to do with the method", () => {
  for (const method of ["GET", "HEAD", "DELETE", "TRACE", "FOO"]) {
    const line = `${method} / HTTP/1.1`;
    assertEquals(framing(["Content-Length: 5"], line), [length(5), ["Content-Length: 5"]]);
    assertEquals(framing([], line), [{ kind: "none" }, []]);
  }
});

Deno.test("item 34 chunked stays chunked, a length stays a length", () => {
  const chunked = "transfer-ENCODING:Chunked";
  assertEquals(framing([chunked]), [{ kind: "chunked" }, [chunked]]);
  assertEquals(framing(["Content-Length:  12 "]), [length(12), ["Content-Length:  12 "]]);
  assertEquals(framing(["Content-Length: 0"]), [{ kind: "none" }, ["Content-Length: 0"]]);
});

Deno.test("item 27 K47 a length beside a transfer coding is refused", () => {
  assertEquals(refusalOf(["Content-Length: 1", "Transfer-Encoding: chunked"]), 400);
  assertEquals(refusalOf(["Transfer-Encoding: chunked", "Content-Length: 0"]), 400);
});

Deno.test("item 28 K47 a length that is not just digits is refused", () => {
  const values = [
    "",
    "+1",
    "-1",
    "1 1",
    "1,1",
    "1, 1",
    "0x1",
    "1a",
    "1.0",
    "\t",
    "1;",
    "\u0661",
    "1e3",
  ];
  for (const value of [...values, "9".repeat(16), "9".repeat(40), "18446744073709551617"]) {
    assertEquals(refusalOf([`Content-Length: ${value}`]), 400, value);
  }
});

Deno.test("item 28 differing lengths are refused, of equal ones the first passes", () => {
  assertEquals(refusalOf(["Content-Length: 1", "Content-Length: 2"]), 400);
  assertEquals(refusalOf(["Content-Length: 1", "content-length: 1", "Content-Length: 0"]), 400);
  const twice = ["Content-Length: 7", "A: 1", "content-length: 07"];
  assertEquals(framing(twice), [length(7), ["Content-Length: 7", "A: 1"]]);
});

Deno.test("item 28 the longest length is exact", () => {
  const [found] = framing([`Content-Length: ${"9".repeat(15)}`]);
  assertEquals(found, length(999_999_999_999_999));
});

Deno.test("item 29 K47 a transfer coding that is not chunked, once, is refused", () => {
  const values = [
    "",
    "xchunked",
    "chunkedx",
    "chunked, chunked",
    "chunked,",
    ", chunked",
    "identity",
  ];
  const tricks = [
    "\tchunked",
    "chunked;a=b",
    '"chunked"',
    "chunked, identity",
    "chunke",
    "chunked chunked",
  ];
  for (const value of [...values, ...tricks, "gzip", "chunked, gzip", "gzip;q=1, chunked"]) {
    assertEquals(refusalOf([`Transfer-Encoding: ${value}`]), 400, value);
  }
  assertEquals(refusalOf(["Transfer-Encoding:\tchunked"]), 400);
  assertEquals(refusalOf(["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"]), 400);
  assertEquals(refusalOf(["Transfer-Encoding: gzip", "Transfer-Encoding: chunked"]), 400);
});

Deno.test("item 29 other codings under chunked are not supported", () => {
  for (const value of ["gzip, chunked", "foo,chunked", "gzip, deflate,\tchunked"]) {
    assertEquals(refusalOf([`Transfer-Encoding: ${value}`]), 501, value);
  }
});

Deno.test("item 30 a transfer coding in HTTP/1.0 is refused", () => {
  assertEquals(refusalOf(["Transfer-Encoding: chunked"], "POST / HTTP/1.0"), 400);
});

Deno.test("a body that is announced to be too long is refused with 413", () => {
  const post = (bytes: number) => `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${bytes}\r\n\r\n`;
  const context = { limits: limits({ maxBodyBytes: 10 }) };
  assertEquals(refusal(post(10), context), null);
  assertEquals(refusal(post(11), context), 413);
  assertEquals(refusal(post(11)), null);
});

Deno.test("item 44 an expectation other than 100-continue is refused with 417", () => {
  for (const value of ["", "foo", "100-continue, foo", "100-continue;a", "100"]) {
    assertEquals(refusalOf([`Expect: ${value}`]), 417, value);
  }
});

Deno.test("item 43 Expect: 100-continue passes, of HTTP/1.1 only", () => {
  const lines = ["expect: 100-Continue", "Content-Length: 1"];
  const head = request("POST / HTTP/1.1", lines);
  assertEquals([head.expectsContinue, head.sent[2]], [true, "expect: 100-Continue"]);
  const old = request("POST / HTTP/1.0", lines);
  assertEquals([old.expectsContinue, old.sent[2]], [false, "Content-Length: 1"]);
});

Deno.test("item 10 item 11 K45 malformed header lines are refused", () => {
  const lines = [
    "A",
    "A : 1",
    "A\t: 1",
    ": 1",
    " A: 1",
    "\tA: 1",
    "A: 1\r\n folded",
    "A: 1\n",
    "A: \r1",
  ];
  const bytes = [
    "A: a\nB: b",
    "A: \0",
    "A: \x0b",
    "A: \x7f",
    "A\0: 1",
    "A\xe4: 1",
    "A(: 1",
    "A: 1\r\r",
    "\n",
  ];
  for (
    const line of [
      ...lines,
      ...bytes,
      "",
      "\r",
      "A: 1\r\n\tb",
      "A\r\n: 1",
      "A: \x1b[2J",
      "A: 1\r.B: 1",
    ]
  ) {
    const text = `GET / HTTP/1.1\r\nHost: a\r\n${line}\r\nB: 1\r\n\r\n`;
    assertEquals(refusal(text), 400, JSON.stringify(line));
  }
});

Deno.test("item 10 K45 heads with bare line feeds are refused", () => {
  for (
    const text of [
      "GET / HTTP/1.1\nHost: a\n\n",
      "GET / HTTP/1.1\r\nHost: a\n\n",
      "GET / HTTP/1.1\r\nHost: a\r\n\n",
      "GET / HTTP/1.1\nHost: a\r\n\r\n",
      "GET / HTTP/1.1\r\n\n",
      "GET / HTTP/1.1\r\rHost: a\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\n\r\n",
      "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\n \r\n\r\n",
    ]
  ) {
    assertEquals(refusal(text), 400, JSON.stringify(text));
  }
});

Deno.test("bytes that end in the middle of a line are refused, not read past", () => {
  for (
    const text of [
      "",
      "G",
      "GET / HTTP/1.1",
      "GET / HTTP/1.1\r\nHost: a\r\n\r",
      "GET /\r",
      "\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\n\rX",
      "GET / HTTP/1.1\r\nHost: a\r\n",
    ]
  ) {
    assertEquals(refusal(text), 400, JSON.stringify(text));
  }
});

Deno.test("item 25 too many headers, or too many bytes, are refused with 431", () => {
  const lines = (count: number) => Array.from({ length: count }, (_, index) => `A${index}: 1\r\n`);
  const head = (count: number) => `GET / HTTP/1.1\r\nHost: a\r\n${lines(count).join("")}\r\n`;
  const context = { limits: limits({ maxHeaders: 10 }) };
  assertEquals(refusal(head(9), context), null);
  assertEquals(refusal(head(10), context), 431);
  const bytes = { limits: limits({ maxHeadBytes: head(5).length }) };
  assertEquals(refusal(head(5), bytes), null);
  assertEquals(refusal(head(6), bytes), 431);
});
