import { assertEquals } from "@std/assert";
import {
  ChunkedFilter,
  type ChunkedOptions,
} from "../../../../../src/proxy/relay/body/chunked_filter.ts";
import { feed } from "./feed.ts";

const OPTIONS: ChunkedOptions = {
  keepFraming: true,
  maxBodyBytes: 0,
  maxTrailerBytes: 65_536,
  maxTrailers: 200,
  trailers: "keep",
  sender: "client",
};

function filter(options: Partial<ChunkedOptions> = {}): ChunkedFilter {
  return new ChunkedFilter({ ...OPTIONS, ...options });
}

/** The verdict on a body that comes in one piece and, it must be the same, byte by byte. */
function verdict(body: string, options: Partial<ChunkedOptions> = {}) {
  const whole = feed(filter(options), [body]);
  assertEquals(feed(filter(options), [...body]), whole);
  return whole;
}

Deno.test("item 34: a plain chunked body passes byte for byte", () => {
  const body = "5\r\nhello\r\n1A\r\n, this is a second chunk. \r\n0\r\n\r\n";
  assertEquals(verdict(body), { output: body, content: 31, done: true, fault: null, rest: "" });
});

Deno.test("ChunkedFilter ends at the last chunk and leaves what comes behind", () => {
  const outcome = verdict("1\r\na\r\n0\r\n\r\nGET / HTTP/1.1\r\n");
  assertEquals([outcome.done, outcome.rest], [true, "GET / HTTP/1.1\r\n"]);
});

Deno.test("item 36: a body without its last chunk is not complete at the end", () => {
  for (const body of ["", "1\r\n", "1\r\na\r\n", "0\r\n", "0\r\n\r", "0\r\nA: b\r\n"]) {
    const chunked = filter();
    assertEquals(feed(chunked, [body]).done, false);
    assertEquals(chunked.completeAtEnd(), false, body);
  }
});

Deno.test("Data passes as it comes, before its chunk is complete", () => {
  const chunked = filter();
  assertEquals(feed(chunked, ["ff\r\nhel"]).output, "ff\r\nhel");
  assertEquals(feed(chunked, ["lo"]).output, "lo");
});

Deno.test("item 32: chunk extensions are cut out", () => {
  const body = '5;a=b;c="d;\te"\r\nhello\r\n2 ;x\r\nab\r\n0\t;last\r\n\r\n';
  assertEquals(verdict(body).output, "5\r\nhello\r\n2\r\nab\r\n0\r\n\r\n");
});

Deno.test("item 32: up to 4 KiB of extensions are read per body, a byte more is refused", () => {
  const half = `;${"x".repeat(2047)}`;
  const body = (more: string) => `1${half}\r\na\r\n1${half}${more}\r\nb\r\n0\r\n\r\n`;
  assertEquals(verdict(body("")).done, true);
  assertEquals(verdict(body("x")).fault, 400);
});

Deno.test("item 32: an extension that never ends is refused before it fills a buffer", () => {
  assertEquals(feed(filter(), [`5;${"x".repeat(4096)}`]).fault, 400);
  assertEquals(feed(filter(), [`5${" ".repeat(4097)}`]).fault, 400);
});

Deno.test("Leading zeros of a size are cut out", () => {
  assertEquals(
    verdict("0000000000000005\r\nhello\r\n000\r\n\r\n").output,
    "5\r\nhello\r\n0\r\n\r\n",
  );
});

Deno.test("The largest size that can be counted exactly is accepted", () => {
  const outcome = verdict("1fffffffffffff\r\nabc");
  assertEquals([outcome.fault, outcome.content, outcome.done], [null, 3, false]);
});

const MALFORMED: Record<string, string> = {
  "an empty line": "\r\n",
  "a plus sign": "+5\r\nhello\r\n",
  "a minus sign": "-5\r\nhello\r\n",
  "a space before": " 5\r\nhello\r\n",
  "a tab before": "\t5\r\nhello\r\n",
  "a space behind": "5 \r\nhello\r\n",
  "a tab behind": "5\t\r\nhello\r\n",
  "0x": "0x5\r\nhello\r\n",
  "an underscore": "1_0\r\n",
  "a decimal point": "5.0\r\nhello\r\n",
  "an exponent": "5e+1\r\nhello\r\n",
  "a comma": "5,5\r\nhello\r\n",
  "a colon": "5: 5\r\nhello\r\n",
  "a digit that is not ASCII": "\u00b2\r\nhe\r\n",
  "a NUL": "5\0\r\nhello\r\n",
  "a vertical tab": "5\v\r\nhello\r\n",
  "a form feed": "5\f;a\r\nhello\r\n",
  "17 digits": "00000000000000005\r\nhello\r\n",
  "2⁵³": "20000000000000\r\n",
  "2⁶⁴ + 5": "10000000000000005\r\nhello\r\n",
  "2⁶⁴ − 1": "ffffffffffffffff\r\n",
  "a bare LF": "5\nhello\r\n",
  "a bare CR": "5\rhello\r\n",
  "a size line that ends with CR and any byte": "5\rXhello\r\n0\r\n\r\n",
  "a chunk that ends with any byte and LF": "5\r\nhelloX\n0\r\n\r\n",
  "a chunk that ends with CR and any byte": "5\r\nhello\rX0\r\n\r\n",
  "CR CR LF": "5\r\r\nhello\r\n",
  "an extension with a bare LF": "5;a\nhello\r\n0\r\n\r\n",
  "an extension with a bare CR": "5;a\rb\r\nhello\r\n",
  "an extension with a NUL": "5;a\0\r\nhello\r\n",
  "an extension with a DEL": "5;a\x7f\r\nhello\r\n",
  "an extension without a semicolon": "5 a=b\r\nhello\r\n",
  "a quoted line end in an extension": '5;a="\n"\r\nhello\r\n',
  "data without a line end": "5\r\nhello0\r\n\r\n",
  "data with a bare LF": "5\r\nhello\n0\r\n\r\n",
  "data with a bare CR": "5\r\nhello\r0\r\n\r\n",
  "data that is longer": "5\r\nhello!\r\n0\r\n\r\n",
  "data that is shorter": "5\r\nhell\r\n0\r\n\r\n",
  "a last chunk with a bare LF": "0\n\n",
  "an end with a bare LF": "0\r\n\n",
  "an end with a bare CR": "0\r\n\rX",
  "a trailer without a colon": "0\r\nA\r\n\r\n",
  "a trailer without a name": "0\r\n: b\r\n\r\n",
  "a trailer with a space before the colon": "0\r\nA : b\r\n\r\n",
  "a folded trailer": "0\r\nA: b\r\n c\r\n\r\n",
  "a trailer that begins with a space": "0\r\n A: b\r\n\r\n",
  "a trailer with a bare LF": "0\r\nA: b\nC: d\r\n\r\n",
  "a trailer with two bare LF": "0\r\nA: b\n\n\r\n",
  "a trailer with a NUL before a bare LF": "0\r\nA: b\0\n\r\n",
  "a trailer with a bare CR": "0\r\nA: b\rC: d\r\n\r\n",
  "a trailer with a NUL": "0\r\nA: b\0\r\n\r\n",
  "a request behind a single line end": "0\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
};

for (const [what, body] of Object.entries(MALFORMED)) {
  Deno.test(`item 31: ${what} in a chunked body is refused`, () => {
    const { fault, done } = verdict(body);
    assertEquals([fault, done], [400, false]);
  });
}

Deno.test("What came before a fault has been passed on, and nothing behind it", () => {
  const outcome = verdict("3\r\nabc\r\n2\r\nde\r\nzz\r\nabc");
  assertEquals(outcome, {
    output: "3\r\nabc\r\n2\r\nde\r\n",
    content: 5,
    done: false,
    fault: 400,
    rest: "zz\r\nabc",
  });
});

Deno.test("A backend's malformed chunk is 502, whatever is wrong with it", () => {
  assertEquals(verdict("x\r\n", { sender: "backend" }).fault, 502);
  assertEquals(verdict("0\r\nA: b\r\n\r\n", { sender: "backend", maxTrailers: 0 }).fault, 502);
});

Deno.test("Content over the limit is refused with 413 as soon as its size is known", () => {
  const body = "3\r\nabc\r\n3\r\n";
  assertEquals(verdict(`${body}def\r\n0\r\n\r\n`, { maxBodyBytes: 6 }).done, true);
  const outcome = verdict(body, { maxBodyBytes: 5 });
  assertEquals([outcome.fault, outcome.content, outcome.rest], [413, 3, "3\r\n"]);
});

Deno.test("item 33: trailers pass byte for byte, forbidden ones are dropped", () => {
  const body = "0\r\nX-Sum:\t\xe9 1 \r\nContent-Length: 5\r\nx-sum: 2\r\nHost: evil\r\nE:\r\n\r\n";
  const outcome = verdict(body);
  assertEquals(outcome.output, "0\r\nX-Sum:\t\xe9 1 \r\nx-sum: 2\r\nE:\r\n\r\n");
  assertEquals([outcome.done, outcome.content], [true, 0]);
});

Deno.test("Values of a backend's trailers may have what those of its head may have", () => {
  const body = "0\r\nA: \x1b\r\n\r\n";
  assertEquals(verdict(body, { sender: "backend" }).output, body);
  assertEquals(verdict(body).fault, 400);
  assertEquals(verdict("0\r\nA: \0\r\n\r\n", { sender: "backend" }).fault, 502);
});

Deno.test("Trailers can be dropped altogether, but are checked all the same", () => {
  assertEquals(verdict("0\r\nA: b\r\n\r\n", { trailers: "drop" }).output, "0\r\n\r\n");
  assertEquals(verdict("0\r\nA b\r\n\r\n", { trailers: "drop" }).fault, 400);
});

Deno.test("item 60: without framing only the content remains", () => {
  const body = "5;x\r\nhello\r\n2\r\n, \r\n5\r\nworld\r\n0\r\nA: b\r\n\r\nrest";
  const outcome = verdict(body, { keepFraming: false });
  assertEquals(outcome, {
    output: "hello, world",
    content: 12,
    done: true,
    fault: null,
    rest: "rest",
  });
});

Deno.test("item 25: too many trailers are refused with 431", () => {
  const body = (count: number) => `0\r\n${"Host: a\r\n".repeat(count)}\r\n`;
  assertEquals(verdict(body(3), { maxTrailers: 3 }).done, true);
  assertEquals(verdict(body(4), { maxTrailers: 3 }).fault, 431);
});

Deno.test("item 25: too many bytes of trailers are refused with 431", () => {
  const section = "A: b\r\nC: d\r\n\r\n";
  assertEquals(verdict(`0\r\n${section}`, { maxTrailerBytes: section.length }).done, true);
  assertEquals(verdict(`0\r\n${section}`, { maxTrailerBytes: section.length - 1 }).fault, 431);
});

Deno.test("item 25: a trailer line longer than 8 KiB is refused before it fills a buffer", () => {
  const line = (length: number) => `A:${"b".repeat(length - 4)}\r\n`;
  assertEquals(feed(filter(), [`0\r\n${line(8192)}\r\n`]).done, true);
  assertEquals(feed(filter(), [`0\r\n${line(8193)}\r\n`]).fault, 431);
  assertEquals(feed(filter(), [`0\r\nA:${"b".repeat(8191)}`]).fault, 431);
  assertEquals(feed(filter(), [`0\r\n${"A".repeat(8193)}`]).fault, 431);
});

Deno.test("Many small chunks in one piece are all read", () => {
  const outcome = feed(filter({ keepFraming: false }), [`${"1\r\nx\r\n".repeat(5000)}0\r\n\r\n`]);
  assertEquals([outcome.content, outcome.done], [5000, true]);
  assertEquals(outcome.output, "x".repeat(5000));
});
