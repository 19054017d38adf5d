import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { lookUpEnv, resetEnv, setEnv } from "../../../../src/compose/dotenv/edit.ts";
import { quoteEnvValue } from "../../../../src/compose/dotenv/quote.ts";

const EDITS: readonly [what: string, before: string, after: string, previous: string | null][] = [
  ["replaces a value", "A=1\nV=1\nB=2\n", "A=1\nV=2\nB=2\n", "1"],
  ["adds a line", "A=1\n", "A=1\nV=2\n", null],
  ["adds a line where the last has no end", "A=1", "A=1\nV=2", null],
  ["begins a file", "", "V=2\n", null],
  ["begins a file that has only a byte order mark", "\ufeff", "\ufeffV=2\n", null],
  ["adds a line with CRLF", "A=1\r\n", "A=1\r\nV=2\r\n", null],
  ["keeps CRLF", "V=1\r\nA=1\r\n", "V=2\r\nA=1\r\n", "1"],
  ["keeps a byte order mark", "\ufeffV=1\n", "\ufeffV=2\n", "1"],
  ["keeps indentation and export", "  export  V=1\n", "  export  V=2\n", "1"],
  ["keeps blanks around =", "V = 1\n", "V = 2\n", "1"],
  ["keeps a colon", "V: 1\n", "V: 2\n", "1"],
  ["keeps a comment", "V=1 # the version\n", "V=2 # the version\n", "1"],
  ["keeps a missing line break at the end", "V=1", "V=2", "1"],
  ["gives an empty variable a value", "V=\nA=1\n", "V=2\nA=1\n", ""],
  ["gives an empty variable a value, CRLF", "V=\r\nA=1\r\n", "V=2\r\nA=1\r\n", ""],
  ["replaces the last of several", "V=0\nA=1\nV=1\n", "V=0\nA=1\nV=2\n", "1"],
  ["quotes as the last of several asks for", "V='0' A=1\nV='1'\n", "V='0' A=1\nV=2\n", "1"],
  ["takes quotes away that are not needed", "V='1'\n", "V=2\n", "1"],
  ["keeps them where something follows", "V='1' A=2\n", "V='2' A=2\n", "1"],
  ["keeps them before a comment without a space", "V='1'#c\n", "V='2'#c\n", "1"],
  ["replaces a value over several lines", 'V="a\nV=9\n"\nA=1\n', "V=2\nA=1\n", "a\nV=9\n"],
  ["is not misled by a value over several lines", "A='\nV=9\n'\n", "A='\nV=9\n'\nV=2\n", null],
  ["is not misled by a comment", "# V=1\n", "# V=1\nV=2\n", null],
  ["is not misled by a longer name", "VV=1\nV.x=1\n", "VV=1\nV.x=1\nV=2\n", null],
  ["is not misled by a name alone", "V\n", "V\nV=2\n", null],
];

for (const [what, before, after, previous] of EDITS) {
  Deno.test(`setEnv() ${what}`, () => {
    const edit = setEnv(before, "V", "2");
    assertEquals([edit.text, edit.before.value], [after, previous]);
    assertEquals(resetEnv(after, "V", edit.before.raw), before === "" ? "" : before);
  });
}

const QUOTED: readonly [value: string, written: string][] = [
  ["", ""],
  ["1.2.3", "1.2.3"],
  ["registry.example:5000/a/b:1@sha256:0f", "registry.example:5000/a/b:1@sha256:0f"],
  ["a b", "'a b'"],
  [" a", "' a'"],
  ["a#b", "'a#b'"],
  ["$HOME", "'$HOME'"],
  ['say "x"', "'say \"x\"'"],
  ["it's", '"it\'s"'],
  ["a\\b", '"a\\\\b"'],
  ["it's $5 \\ \"", '"it\'s \\$5 \\\\ \\""'],
  ["grün", "'grün'"],
];

for (const [value, written] of QUOTED) {
  Deno.test(`quoteEnvValue() writes ${JSON.stringify(value)} as ${written}`, () => {
    assertEquals(quoteEnvValue(value), written);
    assertEquals(lookUpEnv(setEnv("V=x # c\n", "V", value).text, "V").value, value);
  });
}

for (const value of ["a\nb", "a\r", "a\0b"]) {
  Deno.test(`setEnv() refuses the value ${JSON.stringify(value)}`, () => {
    assertThrows(() => setEnv("", "V", value), Error, "a line break or a NUL");
  });
}

for (const key of ["", "1A", "A B", "A=B", "A-B", "A\n", "Ä"]) {
  Deno.test(`setEnv() refuses the name ${JSON.stringify(key)}`, () => {
    assertThrows(() => setEnv("", key, "1"), Error, `Cannot use ${JSON.stringify(key)} as a name`);
  });
}

Deno.test("lookUpEnv() tells all lines that assign a variable; the last one counts", () => {
  const text = "V=1\n# V=2\nA='\nV=3\n'\nexport V='4'\n";
  assertEquals(lookUpEnv(text, "V"), { value: "4", raw: "'4'", expands: false, lines: [1, 6] });
  assertEquals(lookUpEnv(text, "W"), { value: null, raw: null, expands: false, lines: [] });
});

Deno.test("resetEnv() puts back what was written, not what it meant", () => {
  for (const raw of ["${A}-x", '"a\nb"', "'1'"]) {
    const text = `A=1\nV=${raw} # c\n`;
    const edit = setEnv(text, "V", "2");
    assertEquals(resetEnv(`NEW=1\n${edit.text}`, "V", edit.before.raw), `NEW=1\n${text}`);
  }
});

Deno.test("resetEnv() takes out what was added, and leaves what came in since", () => {
  assertEquals(resetEnv("A=1\nV=2\nB=3\n", "V", null), "A=1\nB=3\n");
  assertEquals(resetEnv("V='2' B=3\n", "V", null), " B=3\n");
  assertEquals(resetEnv("A=1\n", "V", null), "A=1\n");
});

const line = fc.oneof(
  fc.constantFrom("", "# V=comment", "A=1", "export B='x y'", 'C="a\nV=no\nb"', "D: 2 # c", "V"),
  fc.constantFrom("V=old", "  export V = 'old' # c", 'V="o\nld"', "V=", "V='1' E=2"),
);
const text = fc.tuple(
  fc.constantFrom("", "\ufeff"),
  fc.array(line),
  fc.constantFrom("\n", "\r\n"),
  fc.boolean(),
).map(([bom, lines, eol, ends]) => bom + lines.join(eol) + (ends ? eol : ""));
const value = fc.string({ unit: "grapheme" }).filter((text) => !/[\0\n\r\u2028\u2029]/.test(text));

Deno.test("setEnv() writes what is read back, and leaves every other byte as it is", () => {
  fc.assert(fc.property(text, value, (before, value) => {
    const { text: after, before: { raw } } = setEnv(before, "V", value);
    assertEquals(lookUpEnv(after, "V").value, value);
    const written = lookUpEnv(after, "V").raw!;
    if (raw === null) {
      assertEquals(after.startsWith(before), true);
      assertEquals(after.slice(before.length).trim(), `V=${written}`.trim());
    } else {
      const at = [...after].length - [...before].length;
      assertEquals(at, [...written].length - [...raw].length);
      assertEquals(resetEnv(after, "V", raw), before);
    }
  }));
});
