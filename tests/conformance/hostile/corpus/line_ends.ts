/** Bare LF, bare CR, NUL and other control bytes, at every place of a head. */
import {
  accepted,
  either,
  HIDDEN,
  message,
  refused,
  type RequestCase,
  show,
} from "../request_case.ts";

const LINES = ["GET /c HTTP/1.1", "Host: a.example", "X-A: 1"];
const LINE_NAMES = ["the request line", "Host", "the last field", "the head"];
const WRONG_ENDS = ["\n", "\r", "\r\r\n", "\n\r", "\r\n\r", "\x0b\r\n", "\x00\r\n"];

/** A head in which the line `at` ends in `end`; line 3 is the blank one. */
function headWith(at: number, end: string): string {
  return [...LINES, ""].map((line, n) => line + (n === at ? end : "\r\n")).join("");
}

const CONTROLS = [0, 1, 7, 8, 11, 12, 14, 27, 31, 127];

/** `text` with one byte in the middle. */
function inside(text: string, byte: number): string {
  return `${text.slice(0, 2)}${String.fromCharCode(byte)}${text.slice(2)}`;
}

function atEveryPlace(byte: number): RequestCase[] {
  const char = show(String.fromCharCode(byte));
  const head = (method: string, target: string, version: string, name: string) =>
    `${method} ${target} ${version}\r\nHost: a.example\r\n${name}: 1\r\n\r\n`;
  return [
    refused(`${char} in the method`, head(inside("POST", byte), "/c", "HTTP/1.1", "X-A")),
    refused(`${char} in the target`, head("GET", inside("/cc", byte), "HTTP/1.1", "X-A")),
    refused(`${char} in the version`, head("GET", "/c", inside("HTTP/1.1", byte), "X-A")),
    refused(`${char} in a name`, head("GET", "/c", "HTTP/1.1", inside("X-AAA", byte))),
  ];
}

/** Values may hold control bytes for some readers; only these three are never let through. */
function inValue(byte: number): RequestCase {
  const bytes = `GET /c HTTP/1.1\r\nHost: a.example\r\nX-A: ${inside("1234", byte)}\r\n\r\n`;
  const name = `${show(String.fromCharCode(byte))} in a value`;
  return [0, 10, 13].includes(byte) ? refused(name, bytes) : either(name, bytes, [message("GET")]);
}

/** Where lines end, for whom. */
export const LINE_ENDS: readonly RequestCase[] = [
  ...WRONG_ENDS.flatMap((end) =>
    [0, 1, 2].map((at) => refused(`${show(end)} ends ${LINE_NAMES[at]}`, headWith(at, end)))
  ),
  ...["\n", "\r", "\r\r\n", "\n\r", "\x00\r\n", " \r\n", "\t\r\n"].map((end) =>
    refused(`${show(end)} ends ${LINE_NAMES[3]}`, headWith(3, end) + HIDDEN)
  ),
  refused("\\x85 ends the request line", headWith(0, "\x85\r\n")),
  refused("LF everywhere", `${LINES.join("\n")}\n\n`),
  refused("CR everywhere", `${LINES.join("\r")}\r\r`),
  refused("LF everywhere, with a body", `POST /c HTTP/1.1\nHost: a\nContent-Length: 2\n\nhi`),
  ...CONTROLS.flatMap(atEveryPlace),
  ...[...CONTROLS, 10, 13].map(inValue),
  either("LF before the request", `\n${headWith(0, "\r\n")}`, [message("GET")]),
  refused("CR before the request", `\r${headWith(0, "\r\n")}`),
  refused("NUL before the request", `\0${headWith(0, "\r\n")}`),
  refused("a blank before the request", ` ${headWith(0, "\r\n")}`),
  refused("a tab before the request", `\t${headWith(0, "\r\n")}`),
  refused("an empty line and a blank before the request", `\r\n ${headWith(0, "\r\n")}`),
  accepted("one empty line before the request", `\r\n${headWith(0, "\r\n")}`, [message("GET")]),
  either("three empty lines before the request", `\r\n\r\n\r\n${headWith(0, "\r\n")}`, [
    message("GET"),
  ]),
  either(
    "a thousand empty lines before the request",
    `${"\r\n".repeat(1000)}${headWith(0, "\r\n")}`,
    [
      message("GET"),
    ],
  ),
  accepted(
    "an empty line after a body, as old browsers sent",
    `POST /c HTTP/1.1\r\nHost: a.example\r\nContent-Length: 2\r\n\r\nhi\r\n`,
    [message("POST", "hi")],
  ),
];
