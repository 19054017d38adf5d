import { assertEquals, assertThrows } from "@std/assert";
import { property, uint8Array } from "fast-check";
import { assert as check } from "fast-check";
import {
  readCurrentResponse,
  writeCurrentRequest,
  writeReportRequest,
} from "../../../../src/source/grpc/messages.ts";

const NOTHING = { id: "", tag: "", artifactUrl: "", createdAt: null };

function hex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromHex(text.replaceAll(" ", ""));
}

Deno.test("requests are written field by field; what is null is left out", () => {
  const request = writeCurrentRequest({ arch: "arm64", os: "linux", artifactName: null });
  assertEquals(request, hex("0a 05 61726d3634 12 05 6c696e7578"));
  const report = writeReportRequest({ id: "i", tag: "t", command: "c", error: "e" });
  assertEquals(report, hex("0a 01 69 12 01 74 1a 01 63 22 01 65"));
});

Deno.test("a text of more than 127 bytes has a longer length in front", () => {
  const request = writeCurrentRequest({ arch: "x".repeat(300), os: "", artifactName: null });
  assertEquals(request.slice(0, 4), hex("0a ac02 78"));
  assertEquals(request.length, 305);
});

const READ: readonly [string, string, Record<string, unknown>][] = [
  ["nothing", "", {}],
  ["a tag", "12 02 7631", { tag: "v1" }],
  ["the last of two tags", "12 02 7631 12 02 7632", { tag: "v2" }],
  ["a tag beside what is not known", "08 05 29 0000000000000000 f5 07 00000000 12 02 7631", {
    tag: "v1",
  }],
  ["a number in place of the tag", "10 05", {}],
  ["an empty time", "22 00", { createdAt: 0 }],
  ["a time", "22 07 08 02 10 80 9b ee 02", { createdAt: 2006 }],
  ["a time before 1970", "22 0b 08 ffffffffffffffffff01", { createdAt: -1000 }],
  ["a time that no date has", "22 0a 08 ffffffffffffffff7f", { createdAt: null }],
];

for (const [what, bytes, expected] of READ) {
  Deno.test(`an answer with ${what} is read`, () => {
    assertEquals(readCurrentResponse(hex(bytes)), { ...NOTHING, ...expected });
  });
}

const BAD: readonly [string, string, string][] = [
  ["a text that is cut off", "12 05 7631", "it is cut off"],
  ["a length beyond everything", "12 ffffffffffffffffff01", "it is cut off"],
  ["a key without a value", "12", "it is cut off"],
  ["a number without an end", "10 ffffffffffffffffffff01", "does not end"],
  ["a group", "13 14", "of type 3"],
  ["a tag that is no UTF-8", "12 01 ff", "field 2 is no UTF-8"],
  ["a time that is cut off", "22 01 08", "it is cut off"],
];

for (const [what, bytes, complaint] of BAD) {
  Deno.test(`an answer with ${what} is refused`, () => {
    assertThrows(() => readCurrentResponse(hex(bytes)), SyntaxError, complaint);
  });
}

Deno.test("whatever the bytes are, they are read or refused", () => {
  check(property(uint8Array({ maxLength: 64 }), (bytes) => {
    try {
      readCurrentResponse(bytes);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }));
});
