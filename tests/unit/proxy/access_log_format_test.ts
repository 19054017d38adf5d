import { assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { combinedEntry, jsonEntry } from "../../../src/proxy/access_log_format.ts";
import { UNASKED } from "../../../src/proxy/dispatcher.ts";
import { FAILURES } from "../../../src/proxy/retry.ts";
import { accessEntry } from "./access_entry.ts";

Deno.test("a JSON entry has a field for everything", () => {
  const entry = accessEntry({ tries: 3, reasons: ["connect_failed", "status"], referer: "/r" });
  assertEquals(JSON.parse(jsonEntry(entry)), {
    time: "2026-10-05T13:04:05.006Z",
    client: "192.0.2.1",
    method: "GET",
    target: "/a?b=c",
    protocol: "HTTP/1.1",
    host: "a.example",
    user_agent: "curl/8",
    referer: "/r",
    status: 200,
    request_bytes: 0,
    response_bytes: 1234,
    duration_ms: 12.346,
    backend: "i1",
    version: "v1",
    tries: 3,
    why: ["connect_failed", "status"],
  });
});

Deno.test("the fields of a JSON entry are described in docs/access-log.md", async () => {
  const text = await Deno.readTextFile(new URL("../../../docs/access-log.md", import.meta.url));
  const [docs = ""] = text.split("\n## Combined");
  for (const field of Object.keys(JSON.parse(jsonEntry(accessEntry())))) {
    assertEquals(docs.split(`\n| \`${field}\``).length, 2, field);
  }
});

Deno.test("every reason of a failed attempt or request is explained in docs/access-log.md", async () => {
  const text = await Deno.readTextFile(new URL("../../../docs/access-log.md", import.meta.url));
  for (const reason of [...FAILURES, ...UNASKED]) {
    assertEquals(text.includes(`\n| \`${reason}\``), true, reason);
  }
});

Deno.test("docs/tcp.md names every reason why a connection was not passed on", async () => {
  const text = await Deno.readTextFile(new URL("../../../docs/tcp.md", import.meta.url));
  for (const reason of UNASKED) assertEquals(text.includes(`\`${reason}\``), true, reason);
});

Deno.test("a combined entry is what Apache writes, and what only a proxy knows", () => {
  const table: [changes: Parameters<typeof accessEntry>[0], line: string][] = [
    [
      {},
      '192.0.2.1 - - [05/Oct/2026:13:04:05 +0000] "GET /a?b=c HTTP/1.1" 200 1234 "-" "curl/8" ' +
      "rt=0.012 backend=i1 version=v1 tries=1 why=-",
    ],
    [
      {
        backend: null,
        version: null,
        status: 503,
        tries: 0,
        reasons: ["queue_timeout"],
        userAgent: "",
      },
      '192.0.2.1 - - [05/Oct/2026:13:04:05 +0000] "GET /a?b=c HTTP/1.1" 503 1234 "-" "-" ' +
      "rt=0.012 backend=- version=- tries=0 why=queue_timeout",
    ],
    [
      { version: 'a b"c', tries: 2, reasons: ["connect_failed", "status"] },
      '192.0.2.1 - - [05/Oct/2026:13:04:05 +0000] "GET /a?b=c HTTP/1.1" 200 1234 "-" "curl/8" ' +
      'rt=0.012 backend=i1 version="a b\\"c" tries=2 why=connect_failed,status',
    ],
    [
      { method: "-", target: "-", protocol: "HTTP/1.1", status: 400, userAgent: "" },
      '192.0.2.1 - - [05/Oct/2026:13:04:05 +0000] "-" 400 1234 "-" "-" ' +
      "rt=0.012 backend=i1 version=v1 tries=1 why=-",
    ],
    [
      { method: "-", target: ":5432", protocol: "TCP", status: 0, userAgent: "" },
      '192.0.2.1 - - [05/Oct/2026:13:04:05 +0000] "- :5432 TCP" 0 1234 "-" "-" ' +
      "rt=0.012 backend=i1 version=v1 tries=1 why=-",
    ],
  ];
  for (const [changes, line] of table) {
    assertEquals(combinedEntry(accessEntry(changes)), `${line}\n`);
  }
});

Deno.test("72 nothing that a client sends forges a line, ends a quote or speaks to a terminal", () => {
  const evil = '"\\\r\n\x1b[2J\x00\x7f\x9b31m\u202e" 200 0 "x';
  const entry = accessEntry({ target: `/${evil}`, userAgent: evil, referer: evil, host: evil });
  const combined = combinedEntry(entry);
  assertMatch(combined, /^[\x20-\x7e]+\n$/);
  const words = '"GET /\\"\\\\\\x0d\\x0a\\x1b[2J\\x00\\x7f\\x9b31m\\u202e\\" 200 0 \\"x HTTP/1.1"';
  assertEquals(combined.includes(words), true, combined);
  // deno-lint-ignore no-control-regex -- they are what this is about
  assertMatch(jsonEntry(entry), /^[^\x00-\x1f\x7f-\x9f\u2028-\u202e]+\n$/);
  assertEquals(JSON.parse(jsonEntry(entry)).user_agent, evil);
});

Deno.test("72 whatever an entry holds, it is one line with as many quotes as it should have", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.constantFrom('"', "\\", "\n") }),
  );
  fc.assert(fc.property(text, text, text, (target, userAgent, referer) => {
    const entry = accessEntry({ target, userAgent, referer });
    const line = combinedEntry(entry);
    const rest = line.replaceAll(/"(?:[^"\\]|\\.)*"/g, "Q");
    assertMatch(rest, /^192\.0\.2\.1 - - \[[^\]]+\] Q 200 1234 Q Q rt=[\w .=-]+\n$/);
    assertEquals(JSON.parse(jsonEntry(entry)).target, target);
  }));
});

Deno.test("very long texts are cut", () => {
  const entry = accessEntry({ userAgent: "x".repeat(100_000), target: "/".repeat(100_000) });
  for (const format of [jsonEntry, combinedEntry]) {
    assertEquals(format(entry).length < 9_000, true);
    assertEquals(format(entry).includes("xxx..."), true);
  }
});
