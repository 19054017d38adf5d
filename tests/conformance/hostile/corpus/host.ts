/** Who is asked: `Host`, and the target that may name somebody else. */
import {
  accepted,
  closing,
  either,
  message,
  refused,
  type RequestCase,
  show,
} from "../request_case.ts";

function asking(target: string, ...lines: string[]): string {
  return [`GET ${target} HTTP/1.1`, ...lines, "", ""].join("\r\n");
}

const BAD_HOSTS = [
  "a.example, b.example",
  "a.example b.example",
  "a.example/",
  "a.example/path",
  "a.example?x",
  "a.example#x",
  "http://a.example",
  "user@a.example",
  "user:secret@a.example",
  "a.example\\b",
  "a.example:80a",
  "a.example:-80",
  "a.example:+80",
  "a.example:80:80",
  "a.example: 80",
  "a.example:http",
  "[::1",
  "::1",
  "[::1]x",
  "[::1]]",
  "[x]",
  "a<b>",
  'a"b',
  "a^b",
  "a|b",
  "{a}",
  "a\x00",
  "a\x0bb",
  "a\x7f",
  "a%zz",
];

const GOOD_HOSTS = [
  "a.example",
  "a.example:8080",
  "a.example:",
  "127.0.0.1",
  "[::1]",
  "[2001:db8::1]:8080",
  "a_b.example",
  "xn--nxasmq6b.example",
  "a.example.",
  "A.EXAMPLE",
];

/** Targets whose authority is none, or belongs to another protocol. */
const BAD_TARGETS = [
  "http://",
  "http:///c",
  "http:/c",
  "http:c",
  "http://user@a.example/c",
  "http://user:secret@a.example/c",
  "http://a.example:80a/c",
  "http://a.example:80:80/c",
  "http://[::1/c",
  "http://a.example\\@b.example/c",
  "http://a b/c",
  "http://?x",
  "//",
];

const OTHER_SCHEMES = ["ftp://a.example/c", "file:///etc/passwd", "ws://a.example/c", "a:/c"];

const ABSOLUTE: readonly [string, string][] = [
  ["http://a.example/c", "/c"],
  ["http://a.example", "/"],
  ["http://a.example?x=1", "/?x=1"],
  ["http://a.example:8080//c/../d?x#", "//c/../d?x#"],
  ["HTTP://A.EXAMPLE/c", "/c"],
  ["http://[::1]:80/c", "/c"],
];

/** Whom a request is for. */
export const HOST: readonly RequestCase[] = [
  refused("no Host", asking("/c")),
  refused("no Host, absolute target", asking("http://a.example/c")),
  refused("two equal Hosts", asking("/c", "Host: a.example", "Host: a.example")),
  refused("two Hosts", asking("/c", "Host: a.example", "Host: b.example")),
  refused("two Hosts, one empty", asking("/c", "Host:", "Host: b.example")),
  refused("two Hosts in other cases", asking("/c", "Host: a.example", "HOST: b.example")),
  refused("two Hosts and an absolute target", asking("http://a.example/c", "Host: a", "Host: b")),
  refused("Host and a folded one", asking("/c", "Host: a.example", " Host: b.example")),
  refused("Host in a fold", asking("/c", "X: y", " Host: a.example")),
  refused("Host with a blank before its colon", asking("/c", "Host : a.example")),
  refused("second Host with a blank before its colon", asking("/c", "Host: a", "Host : b")),
  refused("Host listed in Connection", asking("/c", "Host: a.example", "Connection: Host")),
  ...BAD_HOSTS.map((host) => refused(`Host ${show(host)}`, asking("/c", `Host: ${host}`))),
  ...GOOD_HOSTS.map((host) =>
    accepted(`Host ${host}`, asking("/c", `Host: ${host}`), [message("GET")])
  ),
  // A comma is a valid byte of a name (RFC 3986, 3.2.2).
  either("Host a.example,b.example", asking("/c", "Host: a.example,b.example"), [message("GET")]),
  either("empty Host", asking("/c", "Host:"), [message("GET")]),
  either("Host of other letters", asking("/c", "Host: caf\xe9.example"), [message("GET")]),
  either("Host with a port too large", asking("/c", "Host: a.example:99999"), [message("GET")]),
  ...BAD_TARGETS.map((target) => {
    const bytes = asking(target, "Host: a.example");
    return target === "//"
      ? accepted("target //", bytes, [message("GET", "", "//")])
      : refused(`target ${target}`, bytes);
  }),
  ...OTHER_SCHEMES.map((target) =>
    refused(`target ${target}`, asking(target, "Host: a.example"), { statuses: [400, 421, 501] })
  ),
  ...ABSOLUTE.map(([target, path]) =>
    accepted(`target ${target}`, asking(target, "Host: other.example"), [message("GET", "", path)])
  ),
  refused("absolute target and a bad Host", asking("http://a.example/c", "Host: a/b")),
  closing("HTTP/1.0 without Host", "GET /c HTTP/1.0\r\n\r\n", [message("GET")]),
  refused("HTTP/1.0 with two Hosts", "GET /c HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n"),
  closing("HTTP/1.0, absolute target", "GET http://a.example/c HTTP/1.0\r\n\r\n", [message("GET")]),
];
