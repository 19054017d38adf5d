import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { calVer } from "../../../../src/source/version/calver.ts";
import { parseSemVer } from "../../../../src/source/version/semver.ts";
import {
  compareVersions,
  type Version,
  type VersionReader,
} from "../../../../src/source/version/version.ts";

const identifier = fc.constantFrom("0", "00", "1", "2", "11", "a", "b", "rc", "rc1", "A", "-", "");
const pre = fc.array(identifier, { maxLength: 3 })
  .map((ids) => ids.join(".")).map((text) => text && `-${text}`);
const build = fc.constantFrom("", "+blue", "+green", "+1");
const number = fc.constantFrom("0", "00", "1", "01", "2", "10", "90071992547409931");

const semver: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom("", "v"), number, number, number, pre, build)
  .map(([v, major, minor, patch, pre, build]) => `${v}${major}.${minor}.${patch}${pre}${build}`);
const calver: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom("2025", "2026"), fc.constantFrom("01", "02", "12"), number, pre, build)
  .map(([year, month, micro, pre, build]) => `${year}.${month}.${micro}${pre}${build}`);

const SCHEMES: [name: string, tags: fc.Arbitrary<string>, read: VersionReader][] = [
  ["semantic", semver, parseSemVer],
  ["calendar", calver, calVer("YYYY.0M.MICRO")],
];

for (const [name, tags, read] of SCHEMES) {
  const versions = tags.map((tag): Version => {
    const version = read(tag);
    if (version === null) throw new Error(`${tag} was not read`);
    return version;
  });

  Deno.test(`the order of ${name} versions is total and antisymmetric`, () => {
    fc.assert(fc.property(versions, versions, (a, b) => {
      const order = compareVersions(a, b);
      assertEquals([-1, 0, 1].includes(order), true);
      assertEquals(compareVersions(b, a), order === 0 ? 0 : -order);
      assertEquals(compareVersions(a, a), 0);
    }));
  });

  Deno.test(`the order of ${name} versions is transitive, and so is their equality`, () => {
    fc.assert(
      fc.property(versions, versions, versions, (x, y, z) => {
        const [a, b, c] = [x, y, z].sort(compareVersions) as [Version, Version, Version];
        assertEquals(compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0, true);
        assertEquals(compareVersions(a, c) <= 0, true);
        const areEqual = compareVersions(a, b) === 0 && compareVersions(b, c) === 0;
        assertEquals(compareVersions(a, c) === 0, areEqual);
      }),
      { numRuns: 500 },
    );
  });

  Deno.test(`a ${name} version is the same with another build, and above its pre-releases`, () => {
    fc.assert(fc.property(versions, build, (version, build) => {
      const bare = version.tag.replace(/\+.*/, "");
      assertEquals(compareVersions(version, read(bare + build)!), 0);
      const stable = read(bare.replace(/^([^-]*)-.*/, "$1"))!;
      assertEquals(compareVersions(version, stable), version.pre.length > 0 ? -1 : 0);
    }));
  });
}

Deno.test("missing numbers count as 0", () => {
  const [short, long] = [calVer("YYYY")("2026")!, calVer("YYYY.MICRO")("2026.0")!];
  assertEquals(compareVersions(short, long), 0);
  assertEquals(compareVersions(short, calVer("YYYY.MICRO")("2026.1")!), -1);
});
