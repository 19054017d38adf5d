import { assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { auditText } from "../../../src/source/audit_text.ts";

const RECORD = {
  tag: "v1.2.3",
  host: "Web-1.Example.ORG",
  command: "server",
  at: Date.UTC(2026, 0, 31, 23, 59, 59, 123),
  error: null,
};

Deno.test("an audit record says where, what and when, and its file is named after it", () => {
  assertEquals(auditText(RECORD), {
    text: "shipped to web-1.example.org server at 20260131T235959.123000000Z",
    fileName: "shipped_to_web-1.example.org_server_at_20260131T235959.123000000Z.txt",
  });
});

Deno.test("a fraction of a millisecond is kept, so that two records have two names", () => {
  const { fileName } = auditText({ ...RECORD, at: RECORD.at + 0.25 });
  assertEquals(fileName, "shipped_to_web-1.example.org_server_at_20260131T235959.123250000Z.txt");
});

Deno.test("a failure says why, on one line, and keeps the reason out of the name", () => {
  const error = "Cannot roll to v1.2.3:\n  exit status 1\n";
  assertEquals(auditText({ ...RECORD, error }), {
    text: "failed to ship to web-1.example.org server at 20260131T235959.123000000Z: " +
      "Cannot roll to v1.2.3: exit status 1",
    fileName: "failed_to_ship_to_web-1.example.org_server_at_20260131T235959.123000000Z.txt",
  });
});

Deno.test("no host and no command can lead the file elsewhere", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), fc.string(), (host, command) => {
    const { fileName } = auditText({ ...RECORD, host, command });
    assertMatch(fileName, /^shipped_to_[A-Za-z0-9._-]*_at_20260131T235959\.123000000Z\.txt$/);
  }));
});
