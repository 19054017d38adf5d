import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { calVer } from "../../../../src/source/version/calver.ts";
import { compareVersions } from "../../../../src/source/version/version.ts";

const YEARS = ["2024", "2026", "0001", "9999"];
const MONTHS = Array.from({ length: 12 }, (_, i) => String(i + 1));
const WEEKS = Array.from({ length: 53 }, (_, i) => String(i + 1));
const DAYS = Array.from({ length: 31 }, (_, i) => String(i + 1));
const padded = (numbers: string[]) => numbers.map((number) => number.padStart(2, "0"));

Deno.test("each of the ten specifiers accepts its whole range and nothing beside it", () => {
  const table: [specifier: string, accepted: string[], refused: string[]][] = [
    ["YYYY", YEARS, ["", "202", "20266", "26", "abcd"]],
    ["YY", ["6", "06", "26", "106"], ["", "1006", "x"]],
    ["0Y", ["06", "26", "106"], ["", "6", "1006"]],
    ["MM", MONTHS, ["", "0", "01", "13", "99"]],
    ["0M", padded(MONTHS), ["", "00", "1", "13", "010"]],
    ["WW", WEEKS, ["", "0", "01", "54"]],
    ["0W", padded(WEEKS), ["", "00", "1", "54", "001"]],
    ["DD", DAYS, ["", "0", "01", "32", "99"]],
    ["0D", padded(DAYS), ["", "00", "1", "32", "001"]],
    ["MICRO", ["0", "1", "007", "20260131235959123456"], ["", "-1", "x", "1.2"]],
  ];
  assertEquals(table.length, 10);
  for (const [specifier, accepted, refused] of table) {
    const read = calVer(specifier);
    for (const tag of accepted) {
      assertEquals(read(tag)?.numbers, [BigInt(tag)], `${specifier} reads ${tag}`);
    }
    for (const tag of refused) assertEquals(read(tag), null, `${specifier} refuses ${tag}`);
  }
});

Deno.test("formats are read as a whole, with literals, v, pre-release and build", () => {
  const table: [
    format: string,
    tag: string,
    numbers: number[],
    pre: string[],
    build: string | null,
  ][] = [
    ["YYYY.0M.MICRO", "2024.01.0", [2024, 1, 0], [], null],
    ["YYYY.0M.MICRO", "v2024.01.42", [2024, 1, 42], [], null],
    ["YYYY.0M.MICRO", "2024.06.3+blue", [2024, 6, 3], [], "blue"],
    ["YYYY.0M.MICRO", "2024.06.3-rc.1", [2024, 6, 3], ["rc", "1"], null],
    ["YYYY.0M.MICRO", "v2024.06.3-beta.2+blue", [2024, 6, 3], ["beta", "2"], "blue"],
    ["YYYY.MM.DD", "2024.1.9", [2024, 1, 9], [], null],
    ["YYYY.MM.DD", "2024.11.31", [2024, 11, 31], [], null],
    ["YY.MM.MICRO", "24.1.5", [24, 1, 5], [], null],
    ["YY.MM.MICRO", "106.1.5", [106, 1, 5], [], null],
    ["0Y.0M.0D", "24.01.09", [24, 1, 9], [], null],
    ["0Y.0M.0D", "106.01.09", [106, 1, 9], [], null],
    ["YYYY.0W.MICRO", "2024.01.3", [2024, 1, 3], [], null],
    ["YYYY.WW", "2024.53", [2024, 53], [], null],
    ["YYYY0M0D", "20240131", [2024, 1, 31], [], null],
    ["YYYY-0M-0D", "2024-01-31", [2024, 1, 31], [], null],
    ["YYYY-0M-0D", "2024-01-31-rc.1+green", [2024, 1, 31], ["rc", "1"], "green"],
    ["release/YYYY_MICRO", "release/2024_7", [2024, 7], [], null],
    ["release/YYYY_MICRO", "vrelease/2024_7", [2024, 7], [], null],
  ];
  for (const [format, tag, numbers, pre, build] of table) {
    assertEquals(
      calVer(format)(tag),
      { tag, numbers: numbers.map(BigInt), pre, build },
      `${format} reads ${tag}`,
    );
  }
});

Deno.test("what does not fit the format is not a version", () => {
  const table: [format: string, tag: string][] = [
    ["YYYY.0M.MICRO", "not-a-version"],
    ["YYYY.0M.MICRO", "v1.2.3"],
    ["YYYY.0M.MICRO", "2024.13.0"],
    ["YYYY.0M.MICRO", "2024.1.0"],
    ["YYYY.0M.MICRO", "2024.01.0.1"],
    ["YYYY.0M.MICRO", "2024x01x0"],
    ["YYYY.0M.MICRO", "x2024.01.0"],
    ["YYYY.0M.MICRO", "V2024.01.0"],
    ["YYYY.0M.MICRO", "2024.01.0-"],
    ["YYYY.0M.MICRO", "2024.01.0+"],
    ["YYYY.0M.MICRO", "2024.01.0\n"],
    ["YYYY.0M.MICRO", "２024.01.0"],
    ["YYYY.MM.DD", "2024.01.9"],
    ["YYYY.MICRO", `2024.${"1".repeat(300)}`],
  ];
  for (const [format, tag] of table) assertEquals(calVer(format)(tag), null, `${format} ${tag}`);
});

Deno.test("a day that its month does not have is let in", () => {
  assertEquals(calVer("YYYY.MM.DD")("2023.2.31")?.numbers, [2023n, 2n, 31n]);
});

Deno.test("a format without a specifier is refused by its name", () => {
  for (const format of ["", "v.", "yyyy.mm", "latest", "Y.M.D"]) {
    const error = assertThrows(() => calVer(format), SyntaxError);
    assertEquals(
      error.message,
      `${JSON.stringify(format)} is not a calendar version format: it has none of YYYY, YY, 0Y, ` +
        "MM, 0M, WW, 0W, DD, 0D, MICRO; give for example YYYY.0M.MICRO",
    );
  }
});

Deno.test("calendar versions are compared number by number, stable above pre-release", () => {
  const rising: [format: string, tags: string[]][] = [
    ["YYYY.0M.MICRO", ["2023.12.5", "2024.01.0", "2024.01.9", "2024.01.10", "2024.06.0"]],
    ["YYYY.MM.DD", ["2024.1.15", "2024.1.31", "2024.2.1", "2024.10.1", "2025.1.1"]],
    ["YY.WW", ["9.53", "10.1", "10.2", "99.1", "106.1"]],
    ["YYYY.0M.MICRO", [
      "2024.06.0-beta",
      "2024.06.0-beta.1",
      "2024.06.0-rc.1",
      "2024.06.0-rc.2",
      "2024.06.0-rc.10",
      "2024.06.0",
      "2024.06.1-a",
    ]],
  ];
  for (const [format, tags] of rising) {
    const versions = tags.map((tag) => calVer(format)(tag)!);
    for (const [i, lower] of versions.entries()) {
      for (const higher of versions.slice(i + 1)) {
        assertEquals(compareVersions(lower, higher), -1, `${lower.tag} < ${higher.tag}`);
        assertEquals(compareVersions(higher, lower), 1, `${higher.tag} > ${lower.tag}`);
      }
    }
  }
});

Deno.test("whatever a format of all specifiers spells is read back", () => {
  const of = (numbers: string[]) => fc.constantFrom(...numbers);
  fc.assert(fc.property(
    fc.tuple(
      of(YEARS),
      of(padded(MONTHS)),
      of(padded(DAYS)),
      fc.bigInt({ min: 0n, max: 10n ** 30n }),
    ),
    fc.constantFrom("", "v"),
    ([year, month, day, micro], v) => {
      const tag = `${v}${year}${month}${day}.${micro}`;
      assertEquals(
        calVer("YYYY0M0D.MICRO")(tag)?.numbers,
        [year, month, day, micro].map(BigInt),
      );
    },
  ));
});
