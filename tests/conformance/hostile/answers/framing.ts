/** Lengths, chunks and ends of answers that two readers may read differently. */
import { head } from "../../raw.ts";
import {
  answer,
  type AnswerCase,
  ASK_HEAD,
  bad,
  broken,
  good,
  goodOrBad,
  STRAY,
} from "../answer_case.ts";
import { show } from "../request_case.ts";

const CHUNKED = "Transfer-Encoding: chunked";
const HI = "2\r\nhi\r\n0\r\n\r\n";

const NO_LENGTHS = [
  "",
  "+2",
  "-2",
  "0x2",
  "2.0",
  "2 2",
  "2,3",
  "2, 3",
  "2;",
  "two",
  "1_0",
  "\x0b2",
  "2\x00",
  "\xb2",
  "9007199254740993",
  "18446744073709551618",
  "9".repeat(50),
  "2\r\nContent-Length: 3",
  "3\r\nContent-Length: 2",
  "2\r\nContent-Length: x",
  "2\r\nContent-Length:",
  "2\r\nContent-Length : 3",
  "2\r\n Content-Length: 3",
];

const NO_CODINGS = [
  "",
  "xchunked",
  "gzip",
  "identity",
  "gzip, chunked",
  "chunked, gzip",
  "chunked, identity",
  "chunked, chunked",
  "chunked\x0b",
  "\x0bchunked",
  '"chunked"',
  "chunked;a=b",
  "chunked\r\nTransfer-Encoding: identity",
  "identity\r\nTransfer-Encoding: chunked",
  "chunked\r\nTransfer-Encoding: chunked",
];

const BAD_CHUNKS = [
  "-2\r\nhi\r\n0\r\n\r\n",
  "+2\r\nhi\r\n0\r\n\r\n",
  "0x2\r\nhi\r\n0\r\n\r\n",
  " 2\r\nhi\r\n0\r\n\r\n",
  "\r\nhi\r\n0\r\n\r\n",
  "xyz\r\nhi\r\n0\r\n\r\n",
  "2\nhi\n0\n\n",
  "2\nhi\r\n0\r\n\r\n",
  "2\r\nhi\n0\r\n\r\n",
  "2\r\nhi0\r\n\r\n",
  "2\r\nhixx0\r\n\r\n",
  "2\r\nhix\n0\r\n\r\n",
  "2\r\nhi\rx0\r\n\r\n",
  "2\r\nhi\r\n0\r\nx\n",
  "2\r\nhi\r\n0\n\n",
  "2;a\nb\r\nhi\r\n0\r\n\r\n",
  "2;a\x00\r\nhi\r\n0\r\n\r\n",
  "00000000000000002\r\nhi\r\n0\r\n\r\n",
  "10000000000000002\r\nhi\r\n0\r\n\r\n",
  "FFFFFFFFFFFFFFFF\r\nhi\r\n0\r\n\r\n",
  `2;${"x".repeat(9000)}\r\nhi\r\n0\r\n\r\n`,
  "2\r\nhi\r\n0\r\nX\r\n\r\n",
  "2\r\nhi\r\n0\r\nX: y\r\n folded\r\n\r\n",
  "2\r\nhi\r\n0\r\nX: y\nZ: z\r\n\r\n",
  "2\r\nhi\r\n0\r\n X: y\r\n\r\n",
  `2\r\nhi\r\n0\r\nX: ${"x".repeat(70_000)}\r\n\r\n`,
];

const CUTS = [
  "",
  "2",
  "2\r\n",
  "5\r\nhi",
  "2\r\nhi",
  "2\r\nhi\r\n",
  "2\r\nhi\r\n0\r\n",
  "2\r\nhi\r\n0\r\nX: y\r\n",
];

const BODILESS = [204, 304];

function status(code: number, lines: readonly string[], body: string): string {
  return [`HTTP/1.1 ${code} X`, ...lines, "", body].join("\r\n");
}

/** Bodies of answers. */
export const FRAMING: readonly AnswerCase[] = [
  ...NO_LENGTHS.map((value) =>
    bad(`length ${show(value)}`, answer([`Content-Length: ${value}`], `hi${STRAY}`))
  ),
  ...NO_CODINGS.map((value) =>
    bad(`coding ${show(value)}`, answer([`Transfer-Encoding: ${value}`], HI + STRAY))
  ),
  ...BAD_CHUNKS.map((chunks) =>
    broken(`chunks ${show(chunks)}`, answer([CHUNKED], chunks + STRAY))
  ),
  ...CUTS.map((chunks) =>
    broken(`cut after ${show(chunks)}`, answer([CHUNKED], chunks), { closes: true })
  ),
  broken("a length that is not reached", answer(["Content-Length: 10"], "hi"), { closes: true }),
  broken("a length and no body", answer(["Content-Length: 10"]), { closes: true }),
  broken("one byte missing", answer(["Content-Length: 70000"], "x".repeat(69_999)), {
    closes: true,
  }),
  good("both framings", answer(["Content-Length: 50", CHUNKED], HI), "hi", {
    without: ["content-length"],
  }),
  good("both framings, a short length", answer([CHUNKED, "Content-Length: 1"], HI + STRAY), "hi", {
    without: ["content-length"],
  }),
  good("the same length twice", answer(["Content-Length: 2", "Content-Length: 2"], "hi"), "hi"),
  goodOrBad("the same length in a list", answer(["Content-Length: 2, 2"], "hi"), "hi"),
  good("a stray answer behind a length", answer(["Content-Length: 2"], `hi${STRAY}`), "hi"),
  good("a stray answer behind length 0", answer(["Content-Length: 0"], STRAY), ""),
  good(
    "stray answers behind a length",
    answer(["Content-Length: 2"], `hi${STRAY.repeat(9)}`),
    "hi",
  ),
  good("a stray byte", answer(["Content-Length: 2"], "hi!"), "hi"),
  good("a stray line end", answer(["Content-Length: 2"], "hi\r\n"), "hi"),
  good("a stray answer behind chunks", answer([CHUNKED], HI + STRAY), "hi"),
  good("a stray answer behind no chunks", answer([CHUNKED], `0\r\n\r\n${STRAY}`), ""),
  good(
    "a stray 100 behind a length",
    answer(["Content-Length: 2"], "hiHTTP/1.1 100 X\r\n\r\n"),
    "hi",
  ),
  good("an answer in an answer", answer([`Content-Length: ${STRAY.length}`], STRAY), STRAY),
  good("an answer that ends with its connection", answer([], `hi${STRAY}`), `hi${STRAY}`, {
    closes: true,
  }),
  good("nothing until the end", answer([]), "", { closes: true }),
  good("HTTP/1.0 that ends with its connection", `HTTP/1.0 200 OK\r\n\r\nhi`, "hi", {
    closes: true,
  }),
  good("HTTP/1.0 with a length", `HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi${STRAY}`, "hi"),
  goodOrBad("chunks in HTTP/1.0", `HTTP/1.0 200 OK\r\n${CHUNKED}\r\n\r\n${HI}`, "hi", {
    closes: true,
  }),
  good(
    "HTTP/1.0 client, chunks",
    answer([CHUNKED], HI),
    "hi",
    { request: "GET /case HTTP/1.0\r\n\r\n", without: ["transfer-encoding"] },
  ),
  good("close and more", answer(["Connection: close", "Content-Length: 2"], `hi${STRAY}`), "hi"),
  good("trailers", answer([CHUNKED, "Trailer: X"], "2\r\nhi\r\n0\r\nX: y\r\n\r\n"), "hi"),
  ...["Content-Length: 0", "Transfer-Encoding: chunked", "Set-Cookie: a=b", "Connection: x"].map((
    line,
  ) => goodOrBad(`trailer ${line}`, answer([CHUNKED], `2\r\nhi\r\n0\r\n${line}\r\n\r\n`), "hi")),
  ...BODILESS.flatMap((code) => [
    good(`${code} with a stray answer`, status(code, [], STRAY), "", { status: code }),
    good(`${code} with a length and a body`, status(code, ["Content-Length: 6"], `secret`), "", {
      status: code,
    }),
    good(`${code} with chunks`, status(code, [CHUNKED], HI + STRAY), "", {
      status: code,
      without: ["transfer-encoding"],
    }),
    goodOrBad(`${code} with two framings`, status(code, [CHUNKED, "Content-Length: 2"], HI), "", {
      status: code,
    }),
    good(`${code} that ends with its connection`, status(code, [], ""), "", {
      status: code,
      closes: true,
    }),
  ]),
  good("HEAD with a body", answer(["Content-Length: 2"], "hi"), "", { request: ASK_HEAD }),
  good("HEAD with a stray answer", answer([`Content-Length: ${STRAY.length}`], STRAY), "", {
    request: ASK_HEAD,
  }),
  good("HEAD with chunks", answer([CHUNKED], HI), "", { request: ASK_HEAD }),
  good("HEAD without a length", answer([]), "", { request: ASK_HEAD }),
  good("HEAD of a large thing", answer(["Content-Length: 99999999"]), "", { request: ASK_HEAD }),
  good("205 with a body", status(205, ["Content-Length: 2"], "hi"), "hi", { status: 205 }),
  good("an early answer to a body", answer(["Content-Length: 2"], `hi${STRAY}`), "hi", {
    request: head("POST /case", "Content-Length: 5") + "hello",
  }),
];
