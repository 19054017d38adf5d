/** Header lines that are none, or that some readers join, split or drop. */
import {
  accepted,
  HIDDEN,
  message,
  refused,
  request,
  type RequestCase,
  show,
} from "../request_case.ts";

/** Every visible byte that is no part of a name, and some invisible ones. */
const NO_NAME_BYTES = [...'"(),/;<=>?@[\\]{} \t\x80\x85\xa0\xad\xe9\xff'];

const NO_LINES = [
  "X-A",
  ":",
  ": x",
  " : x",
  ":x: y",
  "X-A : 1",
  "X-A\t: 1",
  "X-A \t : 1",
  "X-A: 1\r\n folded",
  "X-A: 1\r\n\tfolded",
  "X-A: 1\r\n ",
  "X-A:\r\n 1",
  "X-A: 1\r\n folded: twice\r\n again",
  " X-A: 1",
  "GET /hidden HTTP/1.1",
  "=",
  "\x00",
  "X-A: 1\r\n\x00",
  "X A: 1",
  "\xef\xbb\xbfX-A: 1",
];

const MANY = Array.from({ length: 1000 }, (_, n) => `X-${n}: y`);
const TOO_LARGE = { statuses: [431] };

/** Fields that are fine, however they look. */
const GOOD_LINES = [
  "X-A:",
  "X-A:    ",
  "X-A:1",
  "X-A: \t1\t ",
  'X-A: a: b, c; d="e"',
  "X-A: caf\xe9 \x80\xff",
  "X-A: GET /hidden HTTP/1.1",
  "!#$%&'*+-.^_`|~0aZ: 1",
  `X-${"a".repeat(1000)}: 1`,
  `X-A: ${"b".repeat(6000)}`,
  "X-A: 1\r\nX-A: 2\r\nx-a: 1",
  "Cookie: a=1\r\nCookie: b=2",
];

/** Fields but those of framing and routing. */
export const FIELDS: readonly RequestCase[] = [
  ...NO_NAME_BYTES.map((char) =>
    refused(`name with ${show(char)}`, request("GET /c", [`X${char}A: 1`]))
  ),
  ...NO_LINES.map((line) => refused(`field ${show(line)}`, request("GET /c", [line]) + HIDDEN)),
  refused(
    "first field begins with a blank",
    "GET /c HTTP/1.1\r\n Host: a.example\r\nHost: a.example\r\n\r\n",
  ),
  refused(
    "blank line that is not empty",
    `GET /c HTTP/1.1\r\nHost: a.example\r\n \r\n${HIDDEN}`,
  ),
  refused("a thousand fields", request("GET /c", MANY), TOO_LARGE),
  refused("fields of 70 KiB", request("GET /c", MANY.slice(0, 30).map((l) => l.repeat(500))), {
    statuses: [400, 431],
  }),
  refused("a field of 70 KiB", request("GET /c", [`X: ${"x".repeat(70_000)}`]), TOO_LARGE),
  refused("a field of 1 MiB", request("GET /c", [`X: ${"x".repeat(1_048_576)}`]), TOO_LARGE),
  refused("a name of 70 KiB", request("GET /c", [`${"x".repeat(70_000)}: 1`]), TOO_LARGE),
  refused("70 KiB without any colon", request("GET /c", ["x".repeat(70_000)]), {
    statuses: [400, 431],
  }),
  ...GOOD_LINES.map((line) =>
    accepted(`field ${show(line)}`, request("GET /c", [line]), [message("GET")])
  ),
];
