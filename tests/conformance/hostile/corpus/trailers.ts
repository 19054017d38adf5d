/** Trailers: a second head behind the body, which must not act like one. */
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

/** A body of `abc` with trailer lines. */
function trailing(...lines: string[]): string {
  return chunked(["3\r\nabc", "0", ...lines, "", ""].join("\r\n"));
}

const ABC = [message("POST", "abc")];

/** What RFC 9110, 6.5.1 keeps out of trailers. */
const FORBIDDEN = [
  "Content-Length: 50",
  "Transfer-Encoding: chunked",
  "Transfer-Encoding: identity",
  "Host: evil.example",
  "Connection: close",
  "Trailer: Host",
  "TE: trailers",
  "Upgrade: h2c",
  "Expect: 100-continue",
  "Authorization: Basic eDp5",
  "Proxy-Authorization: Basic eDp5",
  "Content-Type: text/evil",
  "Content-Encoding: gzip",
  "Content-Range: bytes 0-1/2",
  "Max-Forwards: 0",
  "X-Forwarded-For: 127.0.0.1",
  "content-length: 0",
];

const MALFORMED = [
  "X",
  ": x",
  " X: y",
  "\tX: y",
  "X : y",
  "X\t: y",
  "X: y\r\n folded",
  "X: y\nZ: z",
  "X: y\rZ: z",
  "X: \x00",
  "X\x00: y",
  "X[: y",
  "X: y\r",
  "GET /hidden HTTP/1.1",
  "\nX: y",
];

/** Everything after the last chunk. */
export const TRAILERS: readonly RequestCase[] = [
  ...FORBIDDEN.map((line) => {
    const name = line.slice(0, line.indexOf(":")).toLowerCase();
    return either(`trailer ${line}`, trailing(line), ABC, { without: [`trailer ${name}`] });
  }),
  ...MALFORMED.map((line) => refused(`trailer ${show(line)}`, trailing(line) + HIDDEN)),
  accepted("a good trailer", trailing("X-Checksum: abc", "X-Other: \xe9"), ABC),
  accepted(
    "a trailer that holds a request line",
    trailing("X-Line: GET /hidden HTTP/1.1"),
    ABC,
  ),
  refused("a trailer of 80 KiB", trailing(`X: ${"x".repeat(80_000)}`), { statuses: [400, 431] }),
  refused("300 trailers", trailing(...Array.from({ length: 300 }, (_, n) => `X-${n}: y`)), {
    statuses: [400, 431],
  }),
  incomplete("trailers without their end", trailing("X: y").slice(0, -2)),
  incomplete("trailer cut in its line", trailing("X: y").slice(0, -4)),
];
