import type { Random } from "../simulation/random.ts";

/** A message that was made up. */
export interface Sample {
  kind: "request" | "response";
  /** Method of the request, or of the one that a response belongs to. */
  method: string;
  /** Latin1 text, one character for each byte. */
  text: string;
  /** Follows the RFC in every point, so that it must be accepted. */
  valid: boolean;
}

const METHODS = [
  "GET",
  "GET",
  "POST",
  "PUT",
  "HEAD",
  "DELETE",
  "OPTIONS",
  "TRACE",
  "M-SEARCH",
  "x",
];
const TARGETS = [
  "/",
  "/a/b?c=d&e",
  "//x/../%2F%2f;p=1?",
  "/\xe4\xff|",
  "http://other.example/x?y",
  "https://h:8443",
  "HTTP://a?q",
];
const FIELDS = [
  "User-Agent: fuzz/1.0 (x; y)",
  "aCCept:*/*",
  "Accept-Encoding: \t gzip, br \t ",
  "Cookie: a=b; c=\xff\x80",
  "X-Empty:",
  "x-empty: ",
  "X-Forwarded-For: 203.0.113.7, 10.0.0.1",
  "X-Forwarded-Proto: https",
  "Forwarded: for=1.2.3.4",
  "X-Real-Ip: 9.9.9.9",
  "Via: 1.0 fred",
  "Range: bytes=0-1",
  "TE: trailers",
  "Keep-Alive: timeout=5",
  "Proxy-Connection: keep-alive",
  "Proxy-Authorization: Basic eDp5",
  "Connection: keep-alive",
  "Connection: close",
  "Connection: close, X-Hop",
  "X-Hop: 1",
  "Expect: 100-continue",
  "Max-Forwards: 7",
  "Idempotency-Key: k",
  "Trailer: X-Sum",
  "Upgrade: h2c",
  "HTTP2-Settings: AAMAAABk",
  "Priority: u=1",
  `X-Long: ${"l".repeat(300)}`,
];
const RESPONSE_FIELDS = [
  "Server: x",
  "Date: Sat, 21 Nov 2026 00:00:00 GMT",
  "Set-Cookie: a=b",
  "set-cookie: c=d; Path=/",
  'ETag: W/"x"',
  "Location: /y",
  "Connection: keep-alive",
  "Connection: close",
  "Keep-Alive: timeout=5, max=100",
  "Vary: *",
  "X-Odd: \x80\xff",
  "Trailer: X-Sum",
];
const STATUSES = [
  "200 OK",
  "200",
  "200 ",
  "404 Not Found",
  "204 No",
  "304 Not Modified",
  "500 \xe9!",
];
const CONTENTS = [
  "",
  "a",
  "hello",
  "GET /x HTTP/1.1\r\nHost: a\r\n\r\n",
  "0\r\n\r\n",
  "\r\n\0\xff",
];
const EXTENSIONS = ["", "", "", ";a", ' ;q="x;y"', ";a=b;c"];
const TRAILERS = ["X-Sum: 1", "x-t:", "Content-Length: 5", "Host: b", "Transfer-Encoding: chunked"];

/** Makes up one message, or two in a row, which follow the RFC. */
export function makeSample(rng: Random): Sample {
  if (rng.chance(0.3)) return makeResponse(rng);
  const method = rng.pick(METHODS);
  const first = requestText(method, rng);
  const text = rng.chance(0.25) ? first + requestText(rng.pick(METHODS), rng) : first;
  return { kind: "request", method, text, valid: true };
}

function requestText(method: string, rng: Random): string {
  const target = method === "OPTIONS" && rng.chance(0.5) ? "*" : rng.pick(TARGETS);
  const isOld = rng.chance(0.1);
  const lines = some(FIELDS, rng);
  const content = rng.pick(CONTENTS);
  const framing = rng.pick(isOld ? ["none", "length"] : ["none", "length", "chunked"]);
  lines.push(rng.pick(["Host: a.example", "host:[::1]:80", "HOST: a:8080", "Host:"]));
  if (framing === "length") lines.push(`Content-Length: ${content.length}`);
  if (framing === "length" && rng.chance(0.2)) lines.push(`content-length:${content.length}`);
  if (framing === "chunked") lines.push("Transfer-Encoding: chunked");
  const body = framing === "none" ? "" : framing === "length" ? content : chunked(content, rng);
  const before = rng.chance(0.05) ? "\r\n" : "";
  const version = isOld ? "HTTP/1.0" : rng.pick(["HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.2"]);
  return `${before}${method} ${target} ${version}\r\n${head(shuffled(lines, rng))}${body}`;
}

function makeResponse(rng: Random): Sample {
  const method = rng.pick(["GET", "GET", "POST", "HEAD"]);
  const status = rng.pick(STATUSES);
  const interim = rng.chance(0.15) ? "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" : "";
  if (method === "GET" && rng.chance(0.1)) return switching(rng);
  const isEmpty = method === "HEAD" || /^(204|304)/.test(status);
  const framing = rng.pick(["length", "chunked", "close"]);
  const lines = some(RESPONSE_FIELDS, rng);
  const content = rng.pick(CONTENTS);
  if (framing === "length" && !status.startsWith("204")) {
    lines.push(`Content-Length: ${content.length}`);
  }
  if (framing === "chunked" && !isEmpty) lines.push("Transfer-Encoding: chunked");
  const body = isEmpty ? "" : framing === "chunked" ? chunked(content, rng) : content;
  const text = `${interim}HTTP/1.1 ${status}\r\n${head(shuffled(lines, rng))}${body}`;
  return { kind: "response", method, text, valid: true };
}

function switching(rng: Random): Sample {
  const line = rng.pick(["Connection: Upgrade", "connection: keep-alive, upgrade"]);
  const fields = head(shuffled([line, "Upgrade: websocket", "Sec-WebSocket-Accept: x"], rng));
  const text = `HTTP/1.1 101 Switching Protocols\r\n${fields}\x81\x02hi`;
  return { kind: "response", method: "GET", text, valid: false };
}

function head(lines: readonly string[]): string {
  return `${lines.map((line) => `${line}\r\n`).join("")}\r\n`;
}

function chunked(content: string, rng: Random): string {
  const size = 1 + Math.floor(rng.next() * 6);
  let body = "";
  for (let at = 0; at < content.length; at += size) {
    const data = content.slice(at, at + size);
    const zeros = rng.chance(0.1) ? "00" : "";
    body += `${zeros}${data.length.toString(16)}${rng.pick(EXTENSIONS)}\r\n${data}\r\n`;
  }
  const trailers = rng.chance(0.3) ? some(TRAILERS, rng) : [];
  return `${body}0${rng.pick(EXTENSIONS)}\r\n${head(trailers)}`;
}

/** A few lines, none of them twice. */
function some(lines: readonly string[], rng: Random): string[] {
  return shuffled(lines, rng).slice(0, Math.floor(rng.next() ** 2 * 8));
}

function shuffled<T>(items: readonly T[], rng: Random): T[] {
  return items.map((item) => ({ item, key: rng.next() })).sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
