import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { shellWords } from "../../../src/commands/dewy/shell_words.ts";
import { splitWords } from "../../../src/config/words_kind.ts";

const LINES: readonly [string, readonly string[]][] = [
  ["", []],
  ["  ", []],
  ["a  b\tc\nd", ["a", "b", "c", "d"]],
  [`-v 'my data:/data' x`, ["-v", "my data:/data", "x"]],
  [`"a b"c'd e'`, ["a bcd e"]],
  [`''`, [""]],
  [`a "" b`, ["a", "", "b"]],
  ["a\\ b", ["a b"]],
  [`"\\"\\$x\\a"`, ['"$x\\a']],
  [`'\\n'`, ["\\n"]],
  ["a \\\n b", ["a", "b"]],
  ["$HOME * ~", ["$HOME", "*", "~"]],
  ["a\\", ["a\\"]],
];

for (const [line, expected] of LINES) {
  Deno.test(`words of ${JSON.stringify(line)}`, () => assertEquals(splitWords(line), expected));
}

for (const line of [`'a`, `a"b`, `"a\\"`]) {
  Deno.test(`a quote that is not closed: ${line}`, () => {
    assertThrows(() => splitWords(line), SyntaxError, "is not closed");
  });
}

Deno.test("what was quoted for a shell is read as it was", () => {
  fc.assert(fc.property(fc.array(fc.string({ unit: "binary" })), (words) => {
    assertEquals(splitWords(shellWords(words)), words);
  }));
});
