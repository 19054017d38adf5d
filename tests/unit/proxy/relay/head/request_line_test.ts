import { assertEquals } from "@std/assert";
import { oversizedHead } from "../../../../../src/proxy/relay/head/request_head.ts";
import { limits, octets, OURS, readRequest, refusal, request } from "./heads.ts";

const HOST = "Host: a\r\n\r\n";

/** The request line and the `Host` that the backend gets. */
function firstLines(line: string, rest = HOST): string[] {
  return readRequest(`${line}\r\n${rest}`).sent.split("\r\n").slice(0, 2);
}

Deno.test("item 1 K51 methods are passed on as sent, extensions too", () => {
  for (const method of ["GET", "get", "PROPFIND", "M-SEARCH", "FOO", "a!#$%&'*+-.^_`|~9", "PUR"]) {
    const head = request(`${method} /x HTTP/1.1`);
    assertEquals(head.method, method);
    assertEquals(head.sent[0], `${method} /x HTTP/1.1`);
  }
});

Deno.test("item 1 what is no token is no method", () => {
  for (const method of ["", "GE(T", "G\0T", "GÉT", "\tGET", " GET", "GET\t"]) {
    assertEquals(refusal(`${method} / HTTP/1.1\r\n${HOST}`), 400, method);
  }
});

Deno.test("item 2 Max-Forwards of TRACE and OPTIONS is counted down, 0 is for us", () => {
  for (const method of ["TRACE", "OPTIONS"]) {
    const head = request(`${method} / HTTP/1.1`, ["max-forwards: 10"]);
    assertEquals(head.sent.slice(2), [...OURS, "Max-Forwards: 9", "", ""]);
    assertEquals(head.isForUs, false);
    assertEquals(request(`${method} / HTTP/1.1`, ["Max-Forwards: 0"]).isForUs, true);
    assertEquals(request(`${method} / HTTP/1.1`).isForUs, false);
    for (const value of ["", "-1", "x", "1 1"]) {
      const text = `${method} / HTTP/1.1\r\nMax-Forwards: ${value}\r\n${HOST}`;
      assertEquals(refusal(text), 400, value);
    }
  }
});

Deno.test("item 2 Max-Forwards of other methods is nobody's business", () => {
  const head = request("GET / HTTP/1.1", ["max-forwards: 0"]);
  assertEquals([head.sent[2], head.isForUs], ["max-forwards: 0", false]);
});

Deno.test("item 3 CONNECT is refused with 405", () => {
  for (const target of ["a:443", "/", "http://a/", "*"]) {
    assertEquals(refusal(`CONNECT ${target} HTTP/1.1\r\n${HOST}`), 405);
  }
});

Deno.test("item 5 K52 a target's bytes are not touched", () => {
  const targets = [
    "/%7e%7E%2F",
    "//a//b",
    "/a/../b/.",
    "/;x=1|2",
    "/?",
    "/??",
    "/?a=b?c&&",
    "/%zz",
  ];
  for (const target of [...targets, "/\xff\x80", '/{}"<>\\^`', "/a#b"]) {
    assertEquals(request(`GET ${target} HTTP/1.1`).sent[0], `GET ${target} HTTP/1.1`);
  }
});

Deno.test("item 5 a target with control bytes, or none, is refused", () => {
  for (const target of ["/a b", "/a\tb", "/\0", "/\x7f", "", "/\x0b", " /", "/ "]) {
    assertEquals(refusal(`GET ${target} HTTP/1.1\r\n${HOST}`), 400, target);
  }
});

Deno.test("item 6 the asterisk is for OPTIONS", () => {
  assertEquals(request("OPTIONS * HTTP/1.1").sent[0], "OPTIONS * HTTP/1.1");
  assertEquals(refusal(`GET * HTTP/1.1\r\n${HOST}`), 400);
  assertEquals(refusal(`OPTIONS *a HTTP/1.1\r\n${HOST}`), 400);
});

Deno.test("item 7 an absolute target's authority replaces Host", () => {
  const cases = [
    ["http://b/x?y", "/x?y", "b"],
    ["HTTPS://b:81", "/", "b:81"],
    ["http://b?q", "/?q", "b"],
    ["http://[::1]:8080//x", "//x", "[::1]:8080"],
  ] as const;
  for (const [target, path, authority] of cases) {
    const lines = [`GET ${path} HTTP/1.1`, `Host: ${authority}`];
    assertEquals(firstLines(`GET ${target} HTTP/1.1`), lines);
    assertEquals(firstLines(`GET ${target} HTTP/1.1`, "A: 1\r\nhost: a\r\n\r\n"), lines);
  }
});

Deno.test("item 7 the lines around a replaced Host stay as they are", () => {
  const { sent } = request("GET http://b:8/ HTTP/1.1", ["A: 1"]);
  assertEquals(sent.slice(0, 3), ["GET / HTTP/1.1", "Host: b:8", "A: 1"]);
  assertEquals(sent.includes("X-Forwarded-Host: b:8"), true);
  assertEquals(sent.includes("X-Forwarded-Port: 8"), true);
});

Deno.test("item 6 item 7 OPTIONS of an absolute target without a path is for the whole server", () => {
  assertEquals(firstLines("OPTIONS http://b HTTP/1.1"), ["OPTIONS * HTTP/1.1", "Host: b"]);
  assertEquals(firstLines("OPTIONS http://b/ HTTP/1.1"), ["OPTIONS / HTTP/1.1", "Host: b"]);
  assertEquals(firstLines("OPTIONS http://b?c HTTP/1.1"), ["OPTIONS /?c HTTP/1.1", "Host: b"]);
});

Deno.test("item 7 other forms of a target are refused", () => {
  const targets = [
    "x",
    "ftp://a/",
    "http:/a",
    "http:",
    "http://",
    "http:///x",
    "http://:80/",
    "a:80",
  ];
  for (const target of [...targets, "http://u@a/", "http://a:x/", "http://a\\@b/", "https//a"]) {
    assertEquals(refusal(`GET ${target} HTTP/1.1\r\n${HOST}`), 400, target);
  }
});

Deno.test("item 8 K46 a Host that is missing, repeated or invalid is refused", () => {
  const line = "GET / HTTP/1.1\r\n";
  assertEquals(refusal(`${line}\r\n`), 400);
  assertEquals(refusal(`${line}Host: a\r\nHost: a\r\n\r\n`), 400);
  assertEquals(refusal(`GET http://b/ HTTP/1.1\r\n\r\n`), 400);
  const invalid = [
    "a b",
    "a/b",
    "u@a",
    "a:x",
    "a:80:80",
    ":80",
    "a:123456",
    "[::1",
    "[]",
    "[g]",
    "a%2",
  ];
  for (
    const host of [...invalid, "a\\b", "a\xe4", "http://a", "a?b", "a#b", "[::1]x", "%", "a\tb"]
  ) {
    assertEquals(refusal(`${line}Host: ${host}\r\n\r\n`), 400, host);
  }
});

Deno.test("item 8 item 20 a valid Host passes as it is", () => {
  for (
    const host of [
      "a",
      "A.b-c_d",
      "a:",
      "a:80",
      "127.0.0.1:1",
      "[::1]",
      "[::ffff:1.2.3.4]:65535",
      "%41",
    ]
  ) {
    assertEquals(firstLines("GET / HTTP/1.1", `hOST:${host} \r\n\r\n`)[1], `hOST:${host} `);
  }
});

Deno.test("item 8 an empty Host is one", () => {
  assertEquals(readRequest("GET / HTTP/1.1\r\nHost:\r\n\r\n").sent.split("\r\n"), [
    "GET / HTTP/1.1",
    "Host:",
    ...OURS.filter((line) => !line.includes("-Host")),
    "",
    "",
  ]);
});

Deno.test("item 9 a target that is too long is refused with 414", () => {
  const context = { limits: limits({ maxTargetBytes: 8000, maxHeadBytes: 9000 }) };
  const line = (length: number) => `GET /${"a".repeat(length - 1)} HTTP/1.1\r\n${HOST}`;
  assertEquals(refusal(line(8000), context), null);
  assertEquals(refusal(line(8001), context), 414);
  assertEquals(refusal(line(9001), context), 414);
});

Deno.test("item 9 item 25 a head that has no end yet is refused for what is long in it", () => {
  const oversized = (text: string) => {
    const bytes = octets(text);
    return oversizedHead(bytes, 0, bytes.length, limits({ maxTargetBytes: 10 })).status;
  };
  assertEquals(oversized(`GET /${"a".repeat(50)}`), 414);
  assertEquals(oversized("G".repeat(50)), 414);
  assertEquals(oversized(`GET /${"a".repeat(50)} HTTP/1.1\r\n`), 414);
  assertEquals(oversized(`GET / HTTP/1.1\r\nA: ${"a".repeat(50)}`), 431);
});

Deno.test("item 12 minor versions above 1 are HTTP/1.1 to the backend", () => {
  assertEquals(firstLines("GET /x HTTP/1.9"), ["GET /x HTTP/1.1", "Host: a"]);
  assertEquals(request("GET / HTTP/1.2").minor, 1);
  assertEquals(request("GET / HTTP/1.2").keepAlive, true);
});

Deno.test("item 12 item 60 HTTP/1.0 is passed on as HTTP/1.1", () => {
  assertEquals(firstLines("GET /x HTTP/1.0"), ["GET /x HTTP/1.1", "Host: a"]);
  assertEquals(firstLines("GET /x HTTP/1.0", "\r\n"), ["GET /x HTTP/1.1", "Host: "]);
  assertEquals(request("GET / HTTP/1.0").minor, 0);
});

Deno.test("item 12 other versions are refused", () => {
  assertEquals(refusal("PRI * HTTP/2.0\r\n\r\n"), 505);
  assertEquals(refusal(`GET / HTTP/3.0\r\n${HOST}`), 505);
  const versions = [
    "HTTP/0.9",
    "HTTP/1",
    "http/1.1",
    "HTTP/1.10",
    "HTTP/11",
    "HTTP 1.1",
    "",
    "HTTP/1,1",
  ];
  for (
    const version of [...versions, " HTTP/1.1", "HTTP/1.1 ", "HTTP/1.1\t", "HTTP/-1.1", "HTTP/1.x"]
  ) {
    assertEquals(refusal(`GET / ${version}\r\n${HOST}`), 400, version);
  }
  assertEquals(refusal(`GET /\r\n${HOST}`), 400);
  assertEquals(refusal("GET /\r\n\r\n"), 400);
});
