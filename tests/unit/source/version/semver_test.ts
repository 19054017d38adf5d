import { assertEquals } from "@std/assert";
import { parseSemVer } from "../../../../src/source/version/semver.ts";
import { compareVersions } from "../../../../src/source/version/version.ts";

Deno.test("parseSemVer() reads v, three numbers, pre-release and build", () => {
  const table: [tag: string, numbers: bigint[], pre: string[], build: string | null][] = [
    ["1.2.3", [1n, 2n, 3n], [], null],
    ["v1.2.3", [1n, 2n, 3n], [], null],
    ["v0.0.0", [0n, 0n, 0n], [], null],
    ["v01.002.0003", [1n, 2n, 3n], [], null],
    ["v1.2.3-rc.1", [1n, 2n, 3n], ["rc", "1"], null],
    ["1.2.3-alpha-x.0A.--", [1n, 2n, 3n], ["alpha-x", "0A", "--"], null],
    ["v1.2.3+blue", [1n, 2n, 3n], [], "blue"],
    ["v1.2.3-rc.1+blue.7", [1n, 2n, 3n], ["rc", "1"], "blue.7"],
    ["v1.2.3+build-7", [1n, 2n, 3n], [], "build-7"],
    ["v1.2.3-a..b", [1n, 2n, 3n], ["a", "", "b"], null],
    ["v3.0.0-1700000000", [3n, 0n, 0n], ["1700000000"], null],
    ["1.0.20260131235959123456", [1n, 0n, 20260131235959123456n], [], null],
  ];
  for (const [tag, numbers, pre, build] of table) {
    assertEquals(parseSemVer(tag), { tag, numbers, pre, build }, tag);
  }
});

Deno.test("parseSemVer() takes nothing else for a version", () => {
  const tags = [
    "",
    "v",
    "latest",
    "nightly",
    "1",
    "1.2",
    "1.2.3.4",
    "V1.2.3",
    "vv1.2.3",
    "v 1.2.3",
    " 1.2.3",
    "1.2.3 ",
    "1.2.3\n",
    "1.2.x",
    "-1.2.3",
    "1.-2.3",
    "1.2.3-",
    "1.2.3+",
    "1.2.3-rc+",
    "1.2.3-rc_1",
    "1.2.3+a+b",
    "1.2.3-ü",
    "release-1.2.3",
    "app/v1.2.3",
    "１.2.3",
    `1.2.${"3".repeat(300)}`,
    `1.2.3-${"a".repeat(300)}`,
  ];
  for (const tag of tags) assertEquals(parseSemVer(tag), null, JSON.stringify(tag));
});

Deno.test("the order is the one of SemVer 11, from the lowest to the highest", () => {
  const rising = [
    "0.0.0-0",
    "0.0.0",
    "0.0.1",
    "0.9.0",
    "0.10.0",
    "1.0.0-0",
    "1.0.0-2",
    "1.0.0-11",
    "1.0.0-20260131235959123456",
    "1.0.0-20260131235959123457",
    "1.0.0-Beta",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.1.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0-rc1",
    "1.0.0",
    "1.0.1",
    "1.9.0",
    "1.10.0",
    "2.0.0",
    "10.0.0",
    "10.0.9007199254740992",
    "10.0.9007199254740993",
  ].map((tag) => parseSemVer(tag)!);
  for (const [i, lower] of rising.entries()) {
    assertEquals(compareVersions(lower, lower), 0, lower.tag);
    for (const higher of rising.slice(i + 1)) {
      assertEquals(compareVersions(lower, higher), -1, `${lower.tag} < ${higher.tag}`);
      assertEquals(compareVersions(higher, lower), 1, `${higher.tag} > ${lower.tag}`);
    }
  }
});

Deno.test("a leading v, leading zeros and the build play no part in the order", () => {
  const equal: [string, string][] = [
    ["v1.2.3", "1.2.3"],
    ["1.02.3", "1.2.3"],
    ["1.2.3-rc.01", "1.2.3-rc.1"],
    ["1.2.3+blue", "1.2.3+green"],
    ["1.2.3", "1.2.3+9"],
    ["1.2.3-rc.1+9", "1.2.3-rc.1"],
  ];
  for (const [a, b] of equal) {
    assertEquals(compareVersions(parseSemVer(a)!, parseSemVer(b)!), 0, `${a} and ${b}`);
  }
});
