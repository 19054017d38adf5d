import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { parseRange } from "../../../../src/source/version/range.ts";
import { parseSemVer } from "../../../../src/source/version/semver.ts";

Deno.test("parseRange() lets in what npm lets in, and pre-releases by their order", () => {
  const table: [range: string, inside: string[], outside: string[]][] = [
    ["^1.2", ["1.2.0", "v1.2.3", "1.9.9", "1.2.0-rc.1", "1.3.0-a"], ["1.1.9", "2.0.0", "2.0.0-0"]],
    ["^1.2.3", ["1.2.3", "1.2.3+blue", "1.10.0"], ["1.2.2", "1.2.3-rc.1", "2.0.0", "0.2.3"]],
    ["^1.2.3-rc.2", ["1.2.3-rc.2", "1.2.3", "1.4.0-a"], ["1.2.3-rc.1", "2.0.0-rc.1"]],
    ["^1", ["1.0.0", "1.0.0-a", "1.99.0"], ["0.9.9", "2.0.0"]],
    ["^0.2.3", ["0.2.3", "0.2.9"], ["0.2.2", "0.3.0", "0.3.0-a", "1.0.0"]],
    ["^0.0.3", ["0.0.3"], ["0.0.2", "0.0.4", "0.0.4-a"]],
    ["^0.0", ["0.0.0", "0.0.9"], ["0.1.0"]],
    ["^0", ["0.0.0", "0.9.0"], ["1.0.0", "1.0.0-a"]],
    ["^0.0.0", ["0.0.0"], ["0.0.1"]],
    ["^1.x", ["1.0.0", "1.2.3"], ["2.0.0"]],
    ["~1.2.3", ["1.2.3", "1.2.9"], ["1.2.2", "1.3.0", "1.3.0-a"]],
    ["~1.2", ["1.2.0", "1.2.9"], ["1.1.9", "1.3.0"]],
    ["~1", ["1.0.0", "1.9.0"], ["2.0.0", "0.9.0"]],
    ["~>1.2", ["1.2.0", "1.2.9"], ["1.3.0"]],
    ["1.2.3", ["1.2.3", "v1.2.3", "1.2.3+x", "01.2.3"], ["1.2.4", "1.2.3-a"]],
    ["=1.2.3-a", ["1.2.3-a"], ["1.2.3", "1.2.3-b"]],
    ["v1.2", ["1.2.0", "1.2.9"], ["1.3.0", "1.1.0"]],
    ["1.2.x", ["1.2.0"], ["1.3.0"]],
    ["1.X", ["1.7.0"], ["2.0.0"]],
    ["1", ["1.7.0"], ["2.0.0"]],
    ["*", ["0.0.0", "9.9.9", "1.0.0-a"], []],
    ["x.x.x", ["0.0.0", "9.9.9"], []],
    [">=*", ["0.0.0"], []],
    [">1.2.3", ["1.2.4", "1.2.4-a"], ["1.2.3", "1.2.3-a"]],
    [">1.2", ["1.3.0", "1.3.0-a"], ["1.2.9", "1.2.0"]],
    [">1", ["2.0.0"], ["1.9.9"]],
    [">=1.2.3", ["1.2.3", "9.0.0"], ["1.2.2", "1.2.3-rc.1"]],
    [">=1.2", ["1.2.0", "1.2.0-a"], ["1.1.9"]],
    ["<2", ["1.9.9"], ["2.0.0", "2.0.0-a"]],
    ["<2.0.0", ["1.9.9", "1.9.9-a"], ["2.0.0", "2.0.0-a"]],
    ["<2.0.0-rc.2", ["2.0.0-rc.1", "1.0.0"], ["2.0.0-rc.2", "2.0.0"]],
    ["<=1.2", ["1.2.9", "1.0.0"], ["1.3.0", "1.3.0-a"]],
    ["<=1.2.3", ["1.2.3", "1.2.3-a"], ["1.2.4", "1.2.4-a"]],
    [">=1.2 <2", ["1.2.0", "1.9.9"], ["1.1.0", "2.0.0"]],
    [">= 1.2, < 2", ["1.2.0", "1.9.9"], ["1.1.0", "2.0.0"]],
    [">=1.2,<2", ["1.2.0", "1.9.9"], ["1.1.0", "2.0.0"]],
    ["1.2 - 1.4", ["1.2.0", "1.4.9"], ["1.1.9", "1.5.0"]],
    ["1.2.3 - 1.4.0", ["1.2.3", "1.4.0"], ["1.2.2", "1.4.1"]],
    ["^1.2 || ^3", ["1.2.0", "3.1.0"], ["2.0.0", "4.0.0"]],
    ["1.2.3||2.x", ["1.2.3", "2.0.0"], ["1.2.4"]],
    ["  ^1.2  ", ["1.2.0"], ["2.0.0"]],
    [">2 <1", [], ["1.0.0", "1.5.0", "2.5.0"]],
    ["^1.0.9007199254740993", ["1.0.9007199254740993"], ["1.0.9007199254740992"]],
  ];
  for (const [text, inside, outside] of table) {
    const isWithin = parseRange(text);
    for (const tag of inside) assert(isWithin(parseSemVer(tag)!), `${tag} is within ${text}`);
    for (const tag of outside) assert(!isWithin(parseSemVer(tag)!), `${tag} is not within ${text}`);
  }
});

Deno.test("parseRange() names what is not a range", () => {
  const texts = [
    "",
    " ",
    ",",
    "latest",
    "^",
    "^^1",
    "!=1.2",
    "=>1.2",
    "><1",
    "1.2.3.4",
    "1.x.3",
    "1.x-rc.1",
    "1.2-rc.1",
    "1.2.3+blue",
    "^1.2 ||",
    "|| ^1",
    "^1 | ^2",
    "1.2 -",
    "- 1.2",
    "1 - 2 - 3",
    "^1 - 2",
    "<*",
    ">x",
    ">=1.2 latest",
    "1".repeat(300),
  ];
  for (const text of texts) {
    const error = assertThrows(() => parseRange(text), SyntaxError);
    assertEquals(
      error.message,
      `${JSON.stringify(text)} is not a range of versions, give for example ^1.2 or ">=1.2 <2"`,
    );
  }
});

Deno.test("a range has no holes, and its parts agree with each other", () => {
  const number = fc.nat({ max: 4 });
  const version = fc.tuple(number, number, number, fc.constantFrom("", "-0", "-rc.1"))
    .map(([major, minor, patch, pre]) => `${major}.${minor}.${patch}${pre}`);
  const partial = fc.array(number, { minLength: 1, maxLength: 3 }).map((numbers) =>
    numbers.join(".")
  );
  fc.assert(fc.property(version, partial, partial, (tag, a, b) => {
    const isIn = (range: string) => parseRange(range)(parseSemVer(tag)!);
    assertEquals(isIn(`>=${a} <=${b}`), isIn(`${a} - ${b}`));
    assertEquals(isIn(`>=${a} <=${b}`), isIn(`>=${a}`) && isIn(`<=${b}`));
    assertEquals(isIn(`${a} || ${b}`), isIn(a) || isIn(b));
    assertEquals(isIn(`>${a}`) && isIn(`<=${a}`), false);
    assertEquals(isIn(`<${a}`) && isIn(`>=${a}`), false);
    if (isIn(a)) assert(isIn(`>=${a}`) && isIn(`<=${a}`) && isIn(`~${a}`) && isIn(`^${a}`));
    if (isIn(`~${a}`) && !a.startsWith("0")) assert(isIn(`^${a}`));
  }));
});
