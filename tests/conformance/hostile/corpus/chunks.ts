/** Chunk sizes, extensions and ends that two readers may read differently. */
import {
  accepted,
  chunked,
  either,
  HIDDEN,
  incomplete,
  message,
  refused,
  type RequestCase,
  show,
} from "../request_case.ts";

const END = "0\r\n\r\n";
const TOO_LARGE = { statuses: [400, 413, 431] };

/** Size lines, each before `abc`. */
const BAD_SIZES = [
  "",
  "+3",
  "-3",
  "0x3",
  "0X3",
  "3h",
  "3g",
  "g",
  " 3",
  "\t3",
  "\x0b3",
  "3\x0b",
  "3\x0c",
  "3\x00",
  "\x003",
  "3\x7f",
  "3\xa0",
  "3,3",
  "3,",
  "3 3",
  "3.0",
  "3e",
  "3_",
  '"3"',
  "{3}",
  "3:",
  "3=",
  ";",
  ";a=b",
  "\xef\xbc\x93",
  "\xb3",
  "three",
  "00000000000000003",
  "0".repeat(4000) + "3",
  "10000000000000000",
  "10000000000000003",
  "20000000000000003",
  "FFFFFFFFFFFFFFFF",
  "FFFFFFFFFFFFFFF3",
  "8000000000000003",
  "7FFFFFFFFFFFFFFF",
  "20000000000001",
  "F".repeat(17),
  "F".repeat(9000),
  "3;a\x00b",
  "3;a\rb",
  "3;a\nb",
  "3;\n",
  "3;\r",
  "3\n;a",
  '3;a="b\r\nc"',
  "3;a\x7f",
  "3;a\x08",
  `3;${"a".repeat(9000)}`,
  `3;a="${"b".repeat(70_000)}"`,
];

/** Size lines that say 3 to everybody, or are refused out of caution. */
const CAUTIOUS_SIZES = [
  "3 ",
  "3\t",
  "3 ;a",
  "3;",
  "3;;",
  "3; a = b",
  '3;a="b',
  '3;a="\\"',
  "3;\xe9",
  "3;a,b",
];

/** What stands between `abc` and the next size. */
const BAD_ENDS = [
  "",
  "\n",
  "\r",
  "\r\r\n",
  "\n\r\n",
  "\r\n\r\n",
  " \r\n",
  "X\r\n",
  "\x00\r\n",
  "XX",
  "X\n",
  "\n\n",
  "\rX",
];

/** Whole bodies after `3\r\nabc\r\n`. */
const BAD_LAST = [
  "0\n\n",
  "0\r\n\n",
  "0\n\r\n",
  "0X\n\r\n",
  "0\r\nX\n",
  "0\r\n\rX",
  "0\r\r\n\r\n",
  "0\r\n\r\r\n",
  "0\r\n \r\n",
  "-0\r\n\r\n",
  "0x0\r\n\r\n",
  "0h\r\n\r\n",
  " 0\r\n\r\n",
  "\r\n0\r\n\r\n",
  "00000000000000000\r\n\r\n",
  "0\r\nX\r\n\r\n",
  "0;\n\r\n",
  "0;a\rb\r\n\r\n",
];

/** The framing `chunked`, byte by byte. */
export const CHUNKS: readonly RequestCase[] = [
  ...BAD_SIZES.map((size) =>
    refused(`chunk size ${show(size)}`, chunked(`${size}\r\nabc\r\n${END}${HIDDEN}`), TOO_LARGE)
  ),
  ...CAUTIOUS_SIZES.map((size) =>
    either(`chunk size ${show(size)}`, chunked(`${size}\r\nabc\r\n${END}`), [
      message("POST", "abc"),
    ])
  ),
  ...BAD_ENDS.map((end) =>
    refused(`chunk end ${show(end)}`, chunked(`3\r\nabc${end}${END}${HIDDEN}`))
  ),
  ...BAD_LAST.map((last) =>
    refused(`last chunk ${show(last)}`, chunked(`3\r\nabc\r\n${last}${HIDDEN}`))
  ),
  refused("size line that ends in LF", chunked(`3\nabc\r\n${END}${HIDDEN}`)),
  refused("size line that ends in CR", chunked(`3\rabc\r\n${END}${HIDDEN}`)),
  refused("all lines end in LF", chunked(`3\nabc\n0\n\n${HIDDEN}`)),
  refused("size one short", chunked(`2\r\nabc\r\n${END}${HIDDEN}`)),
  refused("size one long", chunked(`4\r\nabc\r\n${END}${HIDDEN}`)),
  // For who takes the LF as the end of the extension, the size of a chunk stands behind it.
  refused("EXT.TERM", chunked(`3;\nxx\r\n42\r\n${END}${HIDDEN}`)),
  refused("TERM.EXT", chunked(`3\r\nabc\r\n3;\n${HIDDEN}${END}`)),
  // For who skips two bytes after a chunk, whatever they are, the size is another.
  refused("TERM.SPILL", chunked(`3\r\nabcXX3\r\nabc\r\n${END}${HIDDEN}`)),
  refused("SPILL.TERM", chunked(`5\r\nabc\r\n${END}\r\n${HIDDEN}`)),
  refused("chunk without any size line", chunked(`xyz${END}${HIDDEN}`)),
  refused(
    "many extensions",
    chunked(`${`1;${"x".repeat(1000)}\r\na\r\n`.repeat(20)}${END}`),
    TOO_LARGE,
  ),
  accepted("sixteen digits", chunked(`0000000000000003\r\nabc\r\n${END}`), [
    message("POST", "abc"),
  ]),
  accepted("hex in both cases", chunked(`00a\r\n0123456789\r\n00A\r\n0123456789\r\n${END}`), [
    message("POST", "01234567890123456789"),
  ]),
  accepted("extensions", chunked(`3;a=b;c\r\nabc\r\n0;d="e f"\r\n\r\n`), [message("POST", "abc")]),
  either("last chunk of zeros", chunked("3\r\nabc\r\n000\r\n\r\n"), [message("POST", "abc")]),
  accepted("chunks of one byte", chunked(`${"1\r\nx\r\n".repeat(100)}${END}`), [
    message("POST", "x".repeat(100)),
  ]),
  accepted("no chunks", chunked(END), [message("POST")]),
  // The data are `\r\n0\r\n\r`.
  accepted("line ends as data", chunked(`6\r\n\r\n0\r\n\r\r\n${END}`), [
    message("POST", "\r\n0\r\n\r"),
  ]),
  incomplete("a size and no data", chunked("3\r\n")),
  incomplete("data cut", chunked("5\r\nabc")),
  incomplete("no last chunk", chunked("3\r\nabc\r\n")),
  incomplete("last chunk without its line end", chunked("3\r\nabc\r\n0\r\n")),
  incomplete("last chunk and half a line end", chunked("3\r\nabc\r\n0\r\n\r")),
  incomplete("size beyond 32 bits", chunked("100000003\r\nabc\r\n")),
  incomplete("a size without an end", chunked("3")),
];
