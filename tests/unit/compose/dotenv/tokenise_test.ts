import { assertEquals, assertThrows } from "@std/assert";
import { EnvSyntaxError } from "../../../../src/compose/dotenv/statement.ts";
import { tokenise } from "../../../../src/compose/dotenv/tokenise.ts";

/** What a text says, in the order in which it is said; null: the name alone. */
const READ: readonly [text: string, ...meaning: [key: string, value: string | null][]][] = [
  [""],
  ["\n \n# A=1\n"],
  ["A=1", ["A", "1"]],
  ["A=1\nB=2\n", ["A", "1"], ["B", "2"]],
  ["A=1\nA=2\n", ["A", "1"], ["A", "2"]],
  ["A=1\r\nB=2\r\n", ["A", "1"], ["B", "2"]],
  ["\ufeffA=1\n", ["A", "1"]],
  ["export A=1", ["A", "1"]],
  ["export\tA=1", ["A", "1"]],
  ["exportA=1", ["exportA", "1"]],
  ["  A=1", ["A", "1"]],
  ["A = 1 \t", ["A", "1"]],
  ["A: 1", ["A", "1"]],
  ["A=b=c", ["A", "b=c"]],
  ["A=a b", ["A", "a b"]],
  ["A=", ["A", ""]],
  ["A=  \nB=1", ["A", ""], ["B", "1"]],
  ["A=1 # c", ["A", "1"]],
  ["A=1#2", ["A", "1#2"]],
  ["A= # c", ["A", "# c"]],
  ["A='x # y' # c", ["A", "x # y"]],
  ["A='x'#c\nB=1", ["A", "x"], ["B", "1"]],
  ["A='it\\'s'", ["A", "it's"]],
  ["A='\\n'", ["A", "\\n"]],
  ["A='$B'", ["A", "$B"]],
  ["A='a\nB=2\n'\nC=3", ["A", "a\nB=2\n"], ["C", "3"]],
  ['A="a\\nb"', ["A", "a\nb"]],
  ['A="a\nb"', ["A", "a\nb"]],
  ['A="\\"q\\" \\\\ \\$x"', ["A", '"q" \\ $x']],
  ['A="\\t\\0123\\061\\q"', ["A", "\tS\\61\\q"]],
  ['A="x" B=y', ["A", "x"], ["B", "y"]],
  ["A=x$$y", ["A", "x$y"]],
  ["A\nB=1", ["A", null], ["B", "1"]],
  ["export A\n", ["A", null]],
  ["A.b-c[0]=1", ["A.b-c[0]", "1"]],
  ["GRÖSSE=1", ["GRÖSSE", "1"]],
];

for (const [text, ...meaning] of READ) {
  Deno.test(`tokenise() reads ${JSON.stringify(text)}`, () => {
    assertEquals(tokenise(text).map(({ key, value }) => [key, value]), meaning);
  });
}

Deno.test("tokenise() says where a value stands, with its quotes, and in which line", () => {
  const text = "\ufeff# c\r\n  export A = 'x' # d\r\nB=\r\nC=\"a\nb\"\nD=1";
  const found = tokenise(text).map(({ key, line, valueStart, valueEnd }) => [
    key,
    line,
    text.slice(valueStart, valueEnd),
    text.slice(0, valueStart).slice(-2),
  ]);
  assertEquals(found, [["A", 2, "'x'", "= "], ["B", 3, "", "B="], ["C", 4, '"a\nb"', "C="], [
    "D",
    6,
    "1",
    "D=",
  ]]);
});

Deno.test("tokenise() knows which values compose puts other variables into", () => {
  const text = 'A=$B\nA=${B}\nA="$B"\nA=\'$B\'\nA="\\$B"\nA=$$B\nA=5$\nA=$1';
  const expected = [true, true, true, false, false, false, false, false];
  assertEquals(tokenise(text).map(({ expands }) => expands), expected);
});

const REFUSED: readonly [text: string, message: string][] = [
  ["A B=1", "line 1: NAME=VALUE is expected"],
  ["A=1\nA B\n", "line 2: NAME=VALUE is expected"],
  ["=1", "line 1: NAME=VALUE is expected"],
  ["A!=1", "line 1: NAME=VALUE is expected"],
  ["A=1\n\ufeffB=2", "line 2: NAME=VALUE is expected"],
  ["\n\nA='secret", "line 3: the quote ' does not end"],
  ['A="secret\\"', 'line 1: the quote " does not end'],
  ["A='x' secret!", "line 1: NAME=VALUE is expected"],
];

for (const [text, message] of REFUSED) {
  Deno.test(`tokenise() refuses ${JSON.stringify(text)}, and does not repeat it`, () => {
    const error = assertThrows(() => tokenise(text), EnvSyntaxError);
    assertEquals(error.message, message);
  });
}
