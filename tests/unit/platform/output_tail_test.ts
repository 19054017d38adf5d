import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { OutputTail, truncateBytes } from "../../../src/platform/output_tail.ts";

const size = (text: string) => new TextEncoder().encode(text).length;

Deno.test("OutputTail keeps the last lines, no more than 1024 bytes of them", () => {
  const tail = new OutputTail((text) => text);
  for (let line = 0; line < 200; line++) tail.push(`${line} ${"ü".repeat(20)}`);
  const lines = tail.lines();
  assertEquals(lines.at(-1), `199 ${"ü".repeat(20)}`);
  assert(lines.length < 50 && size(lines.join("")) <= 1_024, `${lines.length} lines`);
});

Deno.test("OutputTail takes out secrets before it cuts", () => {
  const tail = new OutputTail((text) => text.replaceAll("s3cret", "*"));
  tail.push(`${"x".repeat(1_021)}s3cret`);
  assertEquals(tail.lines(), [`${"x".repeat(1_021)}*`]);
});

Deno.test("OutputTail keeps what a progress display has left on the screen", () => {
  const tail = new OutputTail((text) => text);
  tail.push("\x1b[2K10%\r\x1b[2K100%\r");
  tail.push("");
  assertEquals(tail.lines(), ["100%"]);
});

Deno.test("truncateBytes() never cuts a character", () => {
  assertEquals(truncateBytes("aü🦕", 2), "a");
  assertEquals(truncateBytes("aü🦕", 6), "aü");
  assertEquals(truncateBytes("aü🦕", 7), "aü🦕");
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), fc.nat(40), (text, bytes) => {
    const cut = truncateBytes(text, bytes);
    assert(text.startsWith(cut) && size(cut) <= bytes && cut.isWellFormed());
    assert(cut === text || size(text) > bytes);
  }));
});
