import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { quoteArgument, quoteProgram, settingText } from "../../../src/handover/systemd_quote.ts";

const WORDS: [string, string][] = [
  ["--port=8080", "--port=8080"],
  ["", '""'],
  ["docker pull app", '"docker pull app"'],
  [`it's "quoted"`, '"it\'s \\"quoted\\""'],
  ["C:\\x", '"C:\\\\x"'],
  ["date +%s", '"date +%%s"'],
  ["$HOME ${X} $$", '"$$HOME $${X} $$$$"'],
  ["a\nb\tc\r", '"a\\nb\\tc\\r"'],
  ["\u0001\u007f", '"\\x01\\x7f"'],
  [";", '";"'],
  ["# no comment", '"# no comment"'],
  ["<<PORT>>", '"<<PORT>>"'],
  ["größe", '"größe"'],
];

for (const [word, quoted] of WORDS) {
  Deno.test(`quoteArgument() writes ${JSON.stringify(word)} as ${JSON.stringify(quoted)}`, () => {
    assertEquals(quoteArgument(word), quoted);
  });
}

/** Reads one quoted word by the rules of systemd.syntax(7) and systemd.service(5). */
function read(quoted: string): string {
  const unquoted = quoted.startsWith('"') ? quoted.slice(1, -1) : quoted;
  const plain = unquoted.replace(/\\(x[0-9a-f]{2}|.)/gs, (_, code: string) => {
    if (code.startsWith("x")) return String.fromCharCode(parseInt(code.slice(1), 16));
    return { n: "\n", r: "\r", t: "\t" }[code] ?? code;
  });
  return plain.replaceAll("%%", "%").replaceAll("$$", "$");
}

Deno.test("quoteArgument() round-trips every text, on one line, without a lone % or $", () => {
  const text = fc.string({ unit: "binary" }).filter((word) => !word.includes("\0"));
  fc.assert(fc.property(text, (word) => {
    const quoted = quoteArgument(word);
    assertEquals(read(quoted), word);
    assertEquals(/[\n\r]/.test(quoted), false);
    assertEquals(/[%$]/.test(quoted.replaceAll("%%", "").replaceAll("$$", "")), false);
  }));
});

Deno.test("quoteArgument() refuses a NUL, which no argument can hold", () => {
  assertThrows(() => quoteArgument("a\0b"), RangeError, "Cannot quote");
});

Deno.test("quoteProgram() leaves the dollar alone: paths know no variables", () => {
  assertEquals(quoteProgram("/opt/$x/100% sure"), '"/opt/$x/100%% sure"');
});

Deno.test("settingText() keeps to one line", () => {
  assertEquals(settingText(" 50%\n[Install]\t"), "50%% [Install]");
});
