import { assertEquals, assertThrows } from "@std/assert";
import type { ChoiceOptions } from "../../../../src/source/choice/choose_release.ts";
import type { Asset, Release } from "../../../../src/source/registry.ts";
import { parseSemVer } from "../../../../src/source/version/semver.ts";
import { choose, FILE, halfPublished, MINUTE, NOW, outcome, release } from "./choosing.ts";

type Row = [
  title: string,
  releases: (string | Release)[],
  options: Partial<ChoiceOptions>,
  outcome: string,
];

function check(rows: readonly Row[]): void {
  for (const [title, releases, options, expected] of rows) {
    assertEquals(outcome(choose(releases, options)), expected, title);
  }
}

Deno.test("the newest stable version is chosen; tags that are no versions are ignored", () => {
  check([
    ["any order", ["v1.0.0", "v1.10.0", "v1.9.0"], {}, "v1.10.0"],
    ["with and without v", ["v1.0.0", "1.1.0"], {}, "1.1.0"],
    ["leading zeros", ["1.02.0", "1.1.9"], {}, "1.02.0"],
    ["no versions", ["nightly", "v1.0.0", "v2", "v3.0", "9.9.9.9", "app-9.0.0"], {}, "v1.0.0"],
    ["pre-releases", ["v1.0.0", "v2.0.0-rc.1"], {}, "v1.0.0"],
    ["pre-releases, wanted", ["v1.0.0", "v2.0.0-rc.1"], { preRelease: true }, "v2.0.0-rc.1"],
    ["stable above", ["v2.0.0-rc.1", "v2.0.0"], { preRelease: true }, "v2.0.0"],
    ["by number", ["v2.0.0-rc.9", "v2.0.0-rc.10"], { preRelease: true }, "v2.0.0-rc.10"],
    ["words above numbers", ["v1.0.0-a", "v1.0.0-9"], { preRelease: true }, "v1.0.0-a"],
    ["more above fewer", ["v1.0.0-a", "v1.0.0-a.0"], { preRelease: true }, "v1.0.0-a.0"],
  ]);
});

Deno.test("calendar versions are chosen by their format, and semantic ones are not", () => {
  const tags = ["v1.2.3", "2024.01.0", "foobar", "2024.06.1", "2024.06.0-rc.1", "2024.07.0-rc.1"];
  check([
    ["stable", tags, { calver: "YYYY.0M.MICRO" }, "2024.06.1"],
    ["pre", tags, { calver: "YYYY.0M.MICRO", preRelease: true }, "2024.07.0-rc.1"],
    ["other format", tags, { calver: "YY.MICRO" }, "nothing"],
    [
      "slot",
      ["2024.06.1+blue", "2024.12.0+green"],
      { calver: "YYYY.0M.MICRO", slot: "blue" },
      "2024.06.1+blue",
    ],
  ]);
});

Deno.test("what is chosen comes with its file, its version and its slot", () => {
  const chosen = release("v1.2.3+blue", { names: ["notes.txt", FILE] });
  assertEquals(choose([chosen, "v1.2.2"]), {
    outcome: "chosen",
    release: chosen,
    asset: chosen.assets[1]!,
    version: parseSemVer("v1.2.3+blue")!,
    slot: "blue",
    passedOver: [],
  });
  const plain = choose(["v1.2.3"]);
  assertEquals(plain.outcome === "chosen" && plain.slot, null);
});

Deno.test("other slots are left out before anything is compared", () => {
  const tags = ["v2.0.0+green", "v1.9.0+blue", "v1.8.0+blue", "v3.0.0", "v4.0.0+blue.1"];
  check([
    ["a newer tag of another slot hides nothing", tags, { slot: "blue" }, "v1.9.0+blue"],
    ["the other one", tags, { slot: "green" }, "v2.0.0+green"],
    ["the whole build has to fit", tags, { slot: "blue.1" }, "v4.0.0+blue.1"],
    ["no such slot", tags, { slot: "red" }, "nothing"],
    ["capitals count", tags, { slot: "Blue" }, "nothing"],
    ["no slot given: any", tags, {}, "v4.0.0+blue.1"],
    ["equal but for the slot", ["v1.2.3+blue", "v1.2.3+green"], { slot: "green" }, "v1.2.3+green"],
    ["equal but for the slot", ["v1.2.3+blue", "v1.2.3+green"], { slot: "blue" }, "v1.2.3+blue"],
  ]);
});

Deno.test("versions out of range are left out before anything is compared", () => {
  const tags = ["v2.0.0", "v1.9.0", "v1.2.0", "v1.1.0", "v1.10.0-rc.1", "v2.0.0-rc.1"];
  check([
    ["caret", tags, { constraint: "^1.2" }, "v1.9.0"],
    ["tilde", tags, { constraint: "~1.2" }, "v1.2.0"],
    ["two conditions", tags, { constraint: ">=1.0 <1.2" }, "v1.1.0"],
    ["none left", tags, { constraint: "^3" }, "nothing"],
    ["pre-releases", tags, { constraint: "^1.2", preRelease: true }, "v1.10.0-rc.1"],
    [
      "with a slot",
      ["v1.2.0+a", "v1.3.0+b", "v2.0.0+a"],
      { constraint: "^1", slot: "a" },
      "v1.2.0+a",
    ],
  ]);
});

Deno.test("build metadata plays no part: the first in the listing is chosen, and the tie is told", () => {
  const choice = choose(["v1.2.3+one", "v1.2.3+two", "v1.2.3", "v1.2.2"]);
  assertEquals(outcome(choice), "v1.2.3+one");
  assertEquals(choice.passedOver, [
    { tag: "v1.2.3+two", why: "tie" },
    { tag: "v1.2.3", why: "tie" },
  ]);
  assertEquals(outcome(choose(["v1.2.3", "v1.2.3+two", "v1.2.3+one"])), "v1.2.3");
});

Deno.test("a tag that is listed twice is no tie with itself", () => {
  assertEquals(choose(["v1.2.3", "v1.2.3"]).passedOver, []);
});

Deno.test("the newest complete release is chosen while a newer one is being published", () => {
  const choice = choose([halfPublished("v3.0.0", 5), "v2.0.0", "v1.0.0"], { current: "v1.0.0" });
  assertEquals(outcome(choice), "v2.0.0");
  assertEquals(choice.passedOver, [{ tag: "v3.0.0", why: "publishing" }]);
});

Deno.test("a release that lacks its file after the grace is a problem that is told", () => {
  const choice = choose([halfPublished("v3.0.0", 31), "v2.0.0"], { current: "v2.0.0" });
  assertEquals(outcome(choice), "v2.0.0");
  assertEquals(choice.passedOver, [{ tag: "v3.0.0", why: "incomplete" }]);
});

Deno.test("the grace is 30 minutes, and ends on time", () => {
  const why = (item: Release, options: Partial<ChoiceOptions> = {}) =>
    choose([item, "v1.0.0"], options).passedOver[0]?.why;
  assertEquals(why(halfPublished("v2.0.0", 0)), "publishing");
  assertEquals(why(halfPublished("v2.0.0", 29.999)), "publishing");
  assertEquals(why(halfPublished("v2.0.0", 30)), "incomplete");
  assertEquals(why(halfPublished("v2.0.0", 5), { graceMs: 5 * MINUTE }), "incomplete");
  assertEquals(why(halfPublished("v2.0.0", 5), { graceMs: 6 * MINUTE }), "publishing");
});

Deno.test("a clock that goes before ours is forgiven, a date in the far future is not", () => {
  const why = (item: Release) => choose([item, "v1.0.0"]).passedOver[0]?.why;
  assertEquals(why(halfPublished("v2.0.0", -10)), "publishing");
  assertEquals(why(halfPublished("v2.0.0", -60)), "incomplete");
  assertEquals(why(halfPublished("v2.0.0", null)), "incomplete");
});

Deno.test("nothing changes while the only candidate is being published", () => {
  const awaited = halfPublished("v2.0.0", 10);
  const until = NOW + 20 * MINUTE;
  const passedOver = [{ tag: "v2.0.0", why: "publishing" as const }];
  const waiting = { outcome: "waiting", newest: "v2.0.0", until, passedOver } as const;
  assertEquals(choose([awaited]), waiting);
  assertEquals(choose([awaited, "v1.0.0"], { current: "v1.0.0" }), waiting);
  assertEquals(choose([awaited, "v1.0.0"], { current: "v1.5.0" }), waiting);
  assertEquals(choose([awaited, "v1.0.0"], { current: "v1.5.0", allowDowngrade: true }), waiting);
  assertEquals(choose([awaited], { current: "v2.0.0" }), waiting);
});

Deno.test("a release that is being published is only awaited if it may be chosen", () => {
  const awaited = halfPublished("v2.0.0", 10);
  check([
    ["older than what runs", [awaited, "v1.0.0"], { current: "v3.0.0" }, "downgrade_refused"],
    ["older, alone", [awaited], { current: "v3.0.0" }, "nothing"],
    ["older, allowed", [awaited, "v1.0.0"], { current: "v3.0.0", allowDowngrade: true }, "waiting"],
    ["another slot", [halfPublished("v2.0.0+a", 10), "v1.0.0+b"], {
      slot: "b",
      current: "v1.0.0+b",
    }, "v1.0.0+b"],
    ["out of range", [awaited, "v1.0.0"], { constraint: "^1", current: "v1.0.0" }, "v1.0.0"],
    ["a pre-release", [halfPublished("v2.0.0-a", 10), "v1.0.0"], { current: "v1.0.0" }, "v1.0.0"],
  ]);
});

Deno.test("an old incomplete release does not hide that a newer one is awaited, nor the reverse", () => {
  const releases = [halfPublished("v4.0.0", 40), halfPublished("v3.0.0", 10), release("v2.0.0")];
  const choice = choose(releases, { current: "v2.0.0" });
  assertEquals(choice.outcome === "waiting" && choice.newest, "v3.0.0");
  assertEquals(choice.passedOver, [
    { tag: "v4.0.0", why: "incomplete" },
    { tag: "v3.0.0", why: "publishing" },
  ]);
});

Deno.test("what runs stays if its tag is gone and only older ones are left", () => {
  const refused = choose(["v1.1.0", "v1.0.0"], { current: "v1.2.0" });
  assertEquals(refused, {
    outcome: "downgrade_refused",
    newest: "v1.1.0",
    current: "v1.2.0",
    passedOver: [],
  });
  check([
    ["allowed", ["v1.1.0"], { current: "v1.2.0", allowDowngrade: true }, "v1.1.0"],
    ["newer", ["v1.3.0", "v1.1.0"], { current: "v1.2.0" }, "v1.3.0"],
    ["still there", ["v1.2.0", "v1.1.0"], { current: "v1.2.0" }, "v1.2.0"],
    [
      "another range",
      ["v1.2.0", "v1.1.0"],
      { current: "v1.2.0", constraint: "~1.1" },
      "downgrade_refused",
    ],
    [
      "another slot",
      ["v1.2.0+a", "v1.1.0+b"],
      { current: "v1.2.0+a", slot: "b" },
      "downgrade_refused",
    ],
    [
      "same rank, other slot",
      ["v1.2.0+a", "v1.2.0+b"],
      { current: "v1.2.0+a", slot: "b" },
      "v1.2.0+b",
    ],
    [
      "no pre-releases any more",
      ["v2.0.0-rc.1", "v1.9.0"],
      { current: "v2.0.0-rc.1" },
      "downgrade_refused",
    ],
    ["from pre to stable", ["v2.0.0-rc.1", "v2.0.0"], { current: "v2.0.0-rc.1" }, "v2.0.0"],
    [
      "its file is gone",
      [halfPublished("v1.2.0", 60), "v1.1.0"],
      { current: "v1.2.0" },
      "downgrade_refused",
    ],
    [
      "calver",
      ["2026.01.1"],
      { current: "2026.02.0", calver: "YYYY.0M.MICRO" },
      "downgrade_refused",
    ],
    ["empty", [], { current: "v1.2.0" }, "nothing"],
  ]);
});

Deno.test("what runs cannot be compared if its tag is no version by these rules", () => {
  check([
    ["a commit", ["v1.0.0"], { current: "3f2a1b9" }, "v1.0.0"],
    ["another scheme", ["v1.0.0"], { current: "2026.01" }, "v1.0.0"],
    ["being published", [halfPublished("v2.0.0", 1), "v1.0.0"], { current: "3f2a1b9" }, "v1.0.0"],
  ]);
});

Deno.test("newer releases that are not wanted are told, older ones are not", () => {
  const tags = ["v5.0.0+b", "v4.0.0-rc.1+a", "v3.0.0+a", "v2.0.0+a", "v1.0.0+b", "v0.1.0-a+a"];
  const choice = choose(tags, { slot: "a", constraint: "<3" });
  assertEquals(outcome(choice), "v2.0.0+a");
  assertEquals(choice.passedOver, [
    { tag: "v5.0.0+b", why: "other_slot" },
    { tag: "v4.0.0-rc.1+a", why: "pre_release" },
    { tag: "v3.0.0+a", why: "out_of_range" },
  ]);
});

Deno.test("an equal of another slot is told as what it is, wherever it is listed", () => {
  const passedOver = [{ tag: "v1.2.3+b", why: "other_slot" as const }];
  assertEquals(choose(["v1.2.3+a", "v1.2.3+b"], { slot: "a" }).passedOver, passedOver);
  assertEquals(choose(["v1.2.3+b", "v1.2.3+a"], { slot: "a" }).passedOver, passedOver);
});

Deno.test("a release can lack what belongs to its file, and counts as incomplete then", () => {
  const lackOf = ({ assets }: Release, { name }: Asset) =>
    assets.some((asset) => asset.name === `${name}.sha256`) ? null : "checksum";
  const signed = release("v1.0.0", { names: [FILE, `${FILE}.sha256`] });
  check([
    ["on its way", [release("v2.0.0", { minutesOld: 5 }), signed], { lackOf }, "v1.0.0"],
    ["on its way, alone", [release("v2.0.0", { minutesOld: 5 })], { lackOf }, "waiting"],
  ]);
  const choice = choose(["v2.0.0", signed], { lackOf, current: "v1.0.0" });
  assertEquals(outcome(choice), "v1.0.0");
  assertEquals(choice.passedOver, [{ tag: "v2.0.0", why: "incomplete", lack: "checksum" }]);
  const waiting = choose([release("v2.0.0", { minutesOld: 5 })], { lackOf });
  assertEquals(waiting.outcome === "waiting" && waiting.lack, "checksum");
  const nothing = choose(["v2.0.0"], { lackOf });
  assertEquals(
    nothing.outcome === "nothing" && nothing.detail,
    `Cannot choose a release: v2.0.0 has "${FILE}", but no checksum`,
  );
});

Deno.test("a change of slots does not wait for the release that comes next", () => {
  const releases = [halfPublished("v1.3.0+b", 5), release("v1.2.3+a"), release("v1.2.3+b")];
  assertEquals(outcome(choose(releases, { slot: "b", current: "v1.2.3+a" })), "v1.2.3+b");
});

Deno.test("no more than twenty releases are told", () => {
  const tags = Array.from({ length: 50 }, (_, i) => `v9.0.${i}-rc.1`);
  const choice = choose([...tags, "v1.0.0"]);
  assertEquals(choice.passedOver.length, 20);
  assertEquals(choice.passedOver[0]?.tag, "v9.0.49-rc.1");
});

Deno.test("why nothing could be chosen is said, and what would help", () => {
  const table: [(string | Release)[], Partial<ChoiceOptions>, string][] = [
    [[], {}, "the registry lists none"],
    [["latest", "v1"], {}, 'no tag is a version like v1.2.3: "latest", "v1"'],
    [["v1.0.0"], { calver: "YYYY.0M" }, 'no tag is a version like YYYY.0M: "v1.0.0"'],
    [
      ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"],
      {},
      'no tag is a version like v1.2.3: "a", "b", "c", "d", "e", "f", "g", "h" and 2 more',
    ],
    [
      ["v3.0.0-a", "v2.0.0-a", "v1.0.0+a", "v9.0.0+b"],
      { slot: "b", constraint: "^1" },
      'every version is left out: 2 by pre-release=false, 1 by the slot "b", 1 by the range "^1"',
    ],
    [
      [release("v1.0.0", { names: ["app.deb", "app_darwin_amd64.zip"] })],
      {},
      'v1.0.0 has no file for linux/amd64, its files: "app.deb", "app_darwin_amd64.zip"; ' +
      "artifact=NAME picks one",
    ],
    [[release("v1.0.0", { names: [] })], {}, "v1.0.0 has no file for linux/amd64, it has no files"],
    [
      ["v1.0.0"],
      { artifact: "site_{{tag}}.zip" },
      'v1.0.0 has no file "site_{{tag}}.zip", its files: "app_linux_amd64.tar.gz"',
    ],
  ];
  for (const [releases, options, reason] of table) {
    const choice = choose(releases, options);
    const detail = choice.outcome === "nothing" ? choice.detail : outcome(choice);
    assertEquals(detail, `Cannot choose a release: ${reason}`);
  }
});

Deno.test("the artifact is looked for in every release by its own tag", () => {
  const releases = [
    release("v2.0.0", { names: ["site-1.0.0.zip"] }),
    release("v1.0.0", { names: ["site-1.0.0.zip"] }),
  ];
  const choice = choose(releases, { artifact: "site-{{version}}.zip" });
  assertEquals(outcome(choice), "v1.0.0");
  assertEquals(choice.passedOver, [{ tag: "v2.0.0", why: "incomplete" }]);
});

Deno.test("rules that make no sense are refused by name", () => {
  const table: [Partial<ChoiceOptions>, string][] = [
    [{ calver: "latest" }, '"latest" is not a calendar version format'],
    [{ constraint: "newest" }, '"newest" is not a range of versions'],
    [{ artifact: "{{name}}" }, '"{{name}}" is not the name of an artifact'],
    [
      { calver: "YYYY.0M", constraint: "^1" },
      'the constraint "^1" is a range of semantic versions, it cannot be used with the calendar ' +
      'format "YYYY.0M"',
    ],
  ];
  for (const [options, message] of table) {
    assertThrows(() => choose(["v1.0.0"], options), SyntaxError, message);
  }
});
