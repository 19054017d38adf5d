/** Methods, targets and versions, and what is no request line at all. */
import {
  accepted,
  closing,
  either,
  HIDDEN,
  message,
  refused,
  request,
  type RequestCase,
  show,
} from "../request_case.ts";

const HOST = "\r\nHost: a.example\r\n\r\n";

const NO_LINES = [
  "GET",
  "GET ",
  "GET /c",
  "GET /c ",
  "GET HTTP/1.1",
  "GET  HTTP/1.1",
  "GET  /c HTTP/1.1",
  "GET /c  HTTP/1.1",
  "GET /c HTTP/1.1 ",
  "GET /c HTTP/1.1 x",
  "GET /c HTTP/1.1\t",
  "GET\t/c HTTP/1.1",
  "GET /c\tHTTP/1.1",
  "GET\x0b/c\x0bHTTP/1.1",
  "GET /c d HTTP/1.1",
  "GET /c%20 d HTTP/1.1",
  "GET /c HTTP/1.1 HTTP/1.1",
  " GET /c HTTP/1.1",
  "/c HTTP/1.1",
  "/c",
  "HTTP/1.1 200 OK",
  "HTTP/1.1",
  "Host: b.example",
  "GET: /c HTTP/1.1",
  "{}",
  '{"a": "b"}',
  "GET /c HTTP/1.1\\r\\n",
];

const NO_VERSIONS = [
  "HTTP",
  "HTTP/",
  "HTTP/1",
  "HTTP/1.",
  "HTTP/.1",
  "HTTP/1.x",
  "HTTP/x.1",
  "HTTP/1,1",
  "HTTP/1 1",
  "HTTP/11",
  "HTTP/1.10",
  "HTTP/1.01",
  "HTTP/01.1",
  "HTTP/1.1.1",
  "HTTP/+1.1",
  "HTTP/-1.1",
  "HTTP/1.-1",
  "HTTP 1.1",
  "HTTP\\1.1",
  "http/1.1",
  "Http/1.1",
  "HTTPS/1.1",
  "HTTP/1.1;a",
  "HTTP/1.1\x85",
  "HTTP/\xef\xbc\x91.1",
  "HTTP/\xb9.1",
  "HTTP/1.\xb9",
  "HTTP//1.1",
  "ICY/1.1",
  "RTSP/1.0",
  "SIP/2.0",
];

const OTHER_VERSIONS = ["HTTP/2.0", "HTTP/2.1", "HTTP/3.0", "HTTP/9.9", "HTTP/0.9", "HTTP/0.1"];

const NO_METHODS = [
  ...'"(),/:;<=>?@[\\]{}'.split("").map((char) => `GE${char}T`),
  "G\xc9T",
  "GET\xa0",
  "\xa0GET",
  "\x85GET",
  "\xef\xbb\xbfGET",
  "GET\x00",
  "",
];

const NO_TARGETS = [
  "c",
  "*",
  "*/c",
  "?x",
  "#x",
  ".",
  "..",
  "a.example:80",
  "a.example/c",
  "\\c",
  "%2Fc",
  "\xe9",
];

/** What an application must get as it came. */
const GOOD_TARGETS = [
  "/",
  "/?",
  "/??",
  "/a//b/../c/./d",
  "//a.example/c",
  "/%2e%2e/%2F%00",
  "/%zz%",
  "/c;a=b;c?d=e&f=%20+g",
  '/c|d^e`f{g}h"i<j>k\\l',
  "/caf\xc3\xa9\xff\x80",
  "/c#fragment",
  "/@user:secret@b.example",
  "/http://b.example/c",
  "/c?http://b.example/c",
  "/c%0d%0aX-Evil:%20y%0d%0a%0d%0aGET%20/hidden%20HTTP/1.1",
  "/HTTP/1.1",
  "/c%20HTTP/1.1",
  "/c\x85d",
  "/c\xa0HTTP/1.1",
  "/*",
  "/" + "c".repeat(8000),
  "/?" + "c=d&".repeat(1500),
];

const METHODS = ["get", "Get", "G", "M-SEARCH", "GETT", "PURGE", "BREW", "!#$%&'*+-.^_`|~09"];

const TOO_LONG = { statuses: [414, 431] };

/** First lines. */
export const REQUEST_LINE: readonly RequestCase[] = [
  ...NO_LINES.map((line) => refused(`line ${show(line)}`, line + HOST)),
  ...NO_VERSIONS.map((version) =>
    refused(`version ${show(version)}`, `GET /c ${version}${HOST}`, { statuses: [400, 505] })
  ),
  ...OTHER_VERSIONS.map((version) =>
    refused(`version ${version}`, `GET /c ${version}${HOST}`, { statuses: [400, 505] })
  ),
  ...NO_METHODS.map((method) => refused(`method ${show(method)}`, `${method} /c HTTP/1.1${HOST}`)),
  refused("method of 70 KiB", `${"M".repeat(70_000)} /c HTTP/1.1${HOST}`, {
    statuses: [400, 414, 431, 501],
  }),
  ...["a.example:443", "a.example", "/c", "http://a.example/", "*", ":443", ""].map((target) =>
    refused(`CONNECT ${target}`, `CONNECT ${target} HTTP/1.1${HOST}${HIDDEN}`, {
      statuses: [400, 405, 501],
    })
  ),
  ...NO_TARGETS.map((target) => refused(`target ${show(target)}`, `GET ${target} HTTP/1.1${HOST}`)),
  refused("target with raw line ends", `GET /c\r\nX-Evil: y HTTP/1.1${HOST}`),
  refused("target with a raw request behind it", `GET /c HTTP/1.1\r\n\r\n${HIDDEN}`),
  refused("target of 20 KiB", `GET /${"c".repeat(20_000)} HTTP/1.1${HOST}`, TOO_LONG),
  refused("target of 70 KiB", `GET /${"c".repeat(70_000)} HTTP/1.1${HOST}`, TOO_LONG),
  refused("target of 1 MiB", `GET /${"c".repeat(1_048_576)} HTTP/1.1${HOST}`, TOO_LONG),
  ...GOOD_TARGETS.map((target) =>
    accepted(`target ${show(target)}`, request(`GET ${target}`), [message("GET", "", target)])
  ),
  ...METHODS.map((method) =>
    accepted(`method ${method}`, request(`${method} /c`), [message(method)])
  ),
  accepted("OPTIONS *", request("OPTIONS *"), [message("OPTIONS", "", "*")]),
  accepted("OPTIONS * for another host", request("OPTIONS http://b.example"), [
    message("OPTIONS", "", "*"),
  ]),
  refused("POST *", request("POST *")),
  either("HTTP/1.2", `GET /c HTTP/1.2${HOST}`, [message("GET")], { statuses: [505] }),
  either("HTTP/1.9", `GET /c HTTP/1.9${HOST}`, [message("GET")], { statuses: [505] }),
  closing("HTTP/1.0", `GET /c HTTP/1.0${HOST}`, [message("GET")]),
  closing("HTTP/1.0 with a body", "POST /c HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello", [
    message("POST", "hello"),
  ]),
  closing("HTTP/1.0 with a hidden request for a body", `POST /c HTTP/1.0\r\n\r\n${HIDDEN}`, [
    message("POST"),
  ]),
  accepted("HTTP/1.0 with keep-alive", "GET /c HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", [
    message("GET"),
  ]),
  refused("HTTP/0.9", "GET /c\r\n"),
  refused("HTTP/0.9 with LF", "GET /c\n"),
  refused("HTTP/0.9 and a request", `GET /c\r\n${HIDDEN}`),
  refused("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", { statuses: [400, 505] }),
  refused("HTTP/2 preface and a frame", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", {
    statuses: [400, 505],
  }),
  refused("PRI in HTTP/1.1", `PRI * HTTP/1.1${HOST}`),
  refused("TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + "\x5a".repeat(32) + "\r\n\r\n"),
  refused("SSH", "SSH-2.0-OpenSSH_9.2\r\n"),
  refused("SMTP", "EHLO a.example\r\nMAIL FROM:<a@a.example>\r\n"),
  refused("Redis", "*1\r\n$4\r\nPING\r\n\r\n"),
  refused("SOCKS 5", "\x05\x01\x00\r\n\r\n"),
  refused("PROXY protocol from nobody we trust", `PROXY TCP4 1.2.3.4 5.6.7.8 9 10\r\n${HIDDEN}`),
  refused("PROXY protocol 2", `\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c${"\x01".repeat(12)}${HIDDEN}`),
  refused("FastCGI", `\x01\x01\0\x01\0\x08\0\0\0\x01\0\0\0\0\0\0\r\n\r\n`),
];
