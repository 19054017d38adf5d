import { assertEquals } from "@std/assert";
import { byteRange } from "../../../../src/runtime/site/byte_range.ts";

const RANGES: readonly [text: string | null, expected: ReturnType<typeof byteRange>][] = [
  [null, null],
  ["bytes=0-0", { first: 0, last: 0 }],
  ["bytes=2-", { first: 2, last: 9 }],
  ["bytes=2-100", { first: 2, last: 9 }],
  ["bytes=-3", { first: 7, last: 9 }],
  ["bytes=-100", { first: 0, last: 9 }],
  ["bytes=-0", "beyond"],
  ["bytes=10-", "beyond"],
  ["bytes=5-2", null],
  ["bytes=-", null],
  ["bytes=0-1,3-4", null],
  ["bytes=a-b", null],
  ["lines=0-1", null],
];

for (const [text, expected] of RANGES) {
  Deno.test(`of ten bytes, ${text} is ${JSON.stringify(expected)}`, () => {
    assertEquals(byteRange(text, 10), expected);
  });
}

Deno.test("of an empty file, every range is all of it", () => {
  assertEquals(byteRange("bytes=0-", 0), null);
});
