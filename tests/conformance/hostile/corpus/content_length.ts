/** Lengths that two readers may read differently, and bodies where some expect none. */
import {
  accepted,
  either,
  HIDDEN,
  incomplete,
  message,
  refused,
  request,
  type RequestCase,
  show,
} from "../request_case.ts";

/** Values that are no length, or not the same one for every reader. */
const NO_LENGTHS = [
  "",
  "+5",
  "-5",
  "-0",
  "+0",
  "--5",
  "~5",
  "0x5",
  "0X5",
  "0b101",
  "0o5",
  "5h",
  "h5",
  "five",
  "5e0",
  "1e1",
  "5.0",
  "5.",
  ".5",
  "1_0",
  "5 5",
  "1 0",
  "5\t5",
  "5;",
  "5;a=b",
  '"5"',
  "'5'",
  "(5)",
  "5%",
  "%35",
  "5\\",
  "5\x00",
  "\x005",
  "5\x00, 6",
  "\x0b5",
  "5\x0b",
  "\x0c5",
  "5\x1f",
  "5\x7f",
  "\xa05",
  "5\xa0",
  "5\x85",
  // Digits of other scripts: superscript, Arabic-Indic, full width.
  "\xb2",
  "\xd9\xa5",
  "\xef\xbc\x95",
  "NaN",
  "Infinity",
  "null",
  "5,6",
  "5, 6",
  ",5",
  "5,",
  "5,,5",
  "5;5",
  "5\r6",
  "5\n6",
  "\r5",
  "\n5",
  "9007199254740993",
  "9223372036854775808",
  "18446744073709551616",
  // Wraps around to 5 in 64 bits.
  "18446744073709551621",
  "9".repeat(40),
  "9".repeat(400),
  "1" + "0".repeat(400),
];

/** Lines, each beside `Content-Length: 5`, that make the length doubtful. */
const DOUBTS = [
  "Content-Length: 6",
  "Content-Length: 0",
  "content-length: 6",
  "Content-Length: x",
  "Content-Length:",
  "Content-Length: 5, 6",
  "Content-Length: -5",
  "Content-Length : 6",
  "Content-Length\t: 6",
  "Content-Length\x00: 6",
  "Content-Length\x0b: 6",
  "Content-Length\r: 6",
  "Content-Length\n: 6",
  "Content-Length\r\n: 6",
  " Content-Length: 6",
  "\tContent-Length: 6",
  "X: y\rContent-Length: 6",
  "X: y\nContent-Length: 6",
  "X: y\r\n Content-Length: 6",
  "Content-Length=6",
  "Content-Length 6",
  "Content-Length:\r\n 6",
  "Connection: Content-Length",
  "Connection: close, content-length",
];

/** Names that are others: the real length counts. */
const OTHER_NAMES = ["Content_Length: 50", "ContentLength: 50", "X-Content-Length: 50"];

/** Methods that many take for bodiless; CL.0 hides requests behind that. */
const METHODS = ["GET", "HEAD", "DELETE", "OPTIONS", "PUT", "PATCH", "TRACE", "PROPFIND", "QUERY"];

/** Everything about `Content-Length` on its own. */
export const CONTENT_LENGTH: readonly RequestCase[] = [
  ...NO_LENGTHS.map((value) =>
    refused(
      `length ${show(value)}`,
      request("POST /c", [`Content-Length: ${value}`], `hello${HIDDEN}`),
      { statuses: /^\d+$/.test(value) ? [400, 413] : [400] },
    )
  ),
  ...DOUBTS.map((line) =>
    refused(
      `length 5 and ${show(line)}`,
      request("POST /c", ["Content-Length: 5", line], `hello${HIDDEN}`),
    )
  ),
  ...OTHER_NAMES.map((line) =>
    accepted(
      `length 5 beside ${line}`,
      request("POST /c", [line, "Content-Length: 5"], "hello"),
      [message("POST", "hello")],
    )
  ),
  ...METHODS.map((method) =>
    accepted(
      `CL.0 ${method} with a request as its body`,
      request(`${method} /c`, [`Content-Length: ${HIDDEN.length}`], HIDDEN),
      [message(method, HIDDEN)],
    )
  ),
  ...["00", "05", "0000000000000000000000005"].map((value) =>
    either(
      `length with leading zeros ${value}`,
      request("POST /c", [`Content-Length: ${value}`], "hello".slice(0, Number(value))),
      [message("POST", "hello".slice(0, Number(value)))],
    )
  ),
  accepted(
    "the same length twice",
    request("POST /c", [
      "Content-Length: 5",
      "Content-Length: 5",
    ], "hello"),
    [message("POST", "hello")],
  ),
  either("the same length in a list", request("POST /c", ["Content-Length: 5, 5"], "hello"), [
    message("POST", "hello"),
  ]),
  either(
    "the same length with zeros",
    request("POST /c", [
      "Content-Length: 5",
      "Content-Length: 05",
    ], "hello"),
    [message("POST", "hello")],
  ),
  either("length in blanks", request("POST /c", ["Content-Length: \t 5 \t"], "hello"), [
    message("POST", "hello"),
  ]),
  accepted("length without a blank", request("POST /c", ["content-length:5"], "hello"), [
    message("POST", "hello"),
  ]),
  accepted(
    "0.CL what follows an empty body is the next request",
    request("POST /c", [
      "Content-Length: 0",
    ], request("GET /second")),
    [message("POST"), message("GET", "", "/second")],
  ),
  accepted("0.CL no length is length 0", request("POST /c", [], request("GET /second")), [
    message("POST"),
    message("GET", "", "/second"),
  ]),
  refused(
    "0.CL a body without a length is a bad request",
    request("POST /c", [], `x=1&y=2\r\n${HIDDEN}`),
    { after: [message("POST")] },
  ),
  accepted(
    "body that is a request and a half",
    request("POST /c", [`Content-Length: ${HIDDEN.length + 4}`], `${HIDDEN}GET `),
    [message("POST", `${HIDDEN}GET `)],
  ),
  refused(
    "length one short",
    request("POST /c", ["Content-Length: 4"], `hello ${HIDDEN}`),
    { after: [message("POST", "hell")] },
  ),
  refused(
    "length that takes the first bytes of the next request",
    request("POST /c", ["Content-Length: 9"], "hello"),
    { after: [message("POST", "helloGET ")] },
  ),
  incomplete("length longer than what comes", request("POST /c", ["Content-Length: 50"], "hello")),
  // Wraps around to 5 in 32 bits.
  incomplete("length beyond 32 bits", request("POST /c", ["Content-Length: 4294967301"], "hello")),
  incomplete("body that never begins", request("POST /c", ["Content-Length: 5"])),
  incomplete(
    "length of a hidden request, cut",
    request("GET /c", [
      `Content-Length: ${HIDDEN.length + 1}`,
    ], HIDDEN),
  ),
];
