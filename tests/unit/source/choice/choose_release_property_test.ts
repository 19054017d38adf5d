import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Choice } from "../../../../src/source/choice/choice.ts";
import type { ChoiceOptions } from "../../../../src/source/choice/choose_release.ts";
import type { Release } from "../../../../src/source/registry.ts";
import { parseRange } from "../../../../src/source/version/range.ts";
import { parseSemVer } from "../../../../src/source/version/semver.ts";
import { compareVersions } from "../../../../src/source/version/version.ts";
import { choose, FILE, outcome, release } from "./choosing.ts";

const number = fc.nat({ max: 3 });
const pre = fc.constantFrom("", "", "-rc.1", "-rc.2");
const build = fc.constantFrom("", "+blue", "+green");
const tag = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.tuple(number, number, number, pre, build)
      .map(([major, minor, patch, pre, build]) => `v${major}.${minor}.${patch}${pre}${build}`),
  },
  { weight: 1, arbitrary: fc.constantFrom("latest", "v1", "nightly-2") },
);
const releases: fc.Arbitrary<Release[]> = fc.uniqueArray(
  fc.tuple(tag, fc.boolean(), fc.constantFrom(null, 1, 29, 31, 999)).map(
    ([tag, isComplete, minutesOld]) =>
      release(tag, { minutesOld, names: isComplete ? [FILE] : [] }),
  ),
  { selector: ({ tag }) => tag, maxLength: 12 },
);
const options: fc.Arbitrary<Partial<ChoiceOptions>> = fc.record({
  preRelease: fc.boolean(),
  slot: fc.constantFrom(null, null, "blue", "green"),
  constraint: fc.constantFrom(null, null, "^1.1", "<2", "~1.2 || 3.x"),
  current: fc.option(tag, { nil: null }),
  allowDowngrade: fc.boolean(),
});

/** The outcome without what the listing decides: which of several equals it is. */
function withoutTies(choice: Choice): unknown {
  const rank = (tag: string) => tag.replace(/\+.*/, "");
  switch (choice.outcome) {
    case "chosen":
      return ["chosen", rank(choice.release.tag)];
    case "waiting":
      return ["waiting", rank(choice.newest)];
    case "downgrade_refused":
      return ["downgrade_refused", rank(choice.newest), choice.current];
    default:
      return [choice.outcome];
  }
}

/** Whether two of the releases differ in nothing but their build. */
function hasTies(releases: readonly Release[]): boolean {
  return new Set(releases.map(({ tag }) => tag.replace(/\+.*/, ""))).size < releases.length;
}

function check(
  property: (choice: Choice, options: Partial<ChoiceOptions>, releases: Release[]) => void,
): void {
  fc.assert(
    fc.property(releases, options, (releases, options) => {
      property(choose(releases, options), options, releases);
    }),
    { numRuns: 500 },
  );
}

Deno.test("the order of the listing decides between equals only", () => {
  fc.assert(
    fc.property(
      releases.chain((list) =>
        fc.tuple(
          fc.constant(list),
          fc.shuffledSubarray(list, { minLength: list.length }),
        )
      ),
      options,
      ([list, shuffled], options) => {
        const [one, other] = [choose(list, options), choose(shuffled, options)];
        if (hasTies(list)) {
          // Whether one of two equals runs can decide whether there is anything to do.
          if (options.current === null) assertEquals(withoutTies(one), withoutTies(other));
        } else if (one.outcome !== "nothing") {
          assertEquals(one, other);
        } else {
          assertEquals(outcome(other), "nothing");
        }
      },
    ),
    { numRuns: 500 },
  );
});

Deno.test("the same question has the same answer", () => {
  check((choice, options, releases) => assertEquals(choose(releases, options), choice));
});

Deno.test("what is chosen is of the slot, within the range, and a pre-release only if wanted", () => {
  check((choice, { slot, constraint, preRelease }) => {
    if (choice.outcome !== "chosen") return;
    if (slot != null) assertEquals(choice.slot, slot);
    if (constraint != null) assert(parseRange(constraint)(choice.version));
    if (!preRelease) assertEquals(choice.version.pre, []);
    assertEquals(choice.asset.name, FILE);
  });
});

Deno.test("what is chosen is never older than what runs, unless that is allowed", () => {
  check((choice, { current, allowDowngrade }) => {
    const running = parseSemVer(current ?? "");
    if (running === null) assert(choice.outcome !== "downgrade_refused");
    else if (choice.outcome === "chosen" && !allowDowngrade) {
      assert(compareVersions(choice.version, running) >= 0);
    } else if (choice.outcome === "downgrade_refused") {
      assert(!allowDowngrade);
      assert(compareVersions(parseSemVer(choice.newest)!, running) < 0);
    }
  });
});

Deno.test("nothing that is wanted, complete and newer is ever passed over", () => {
  check((choice, { slot, constraint, preRelease }, releases) => {
    if (choice.outcome !== "chosen") return;
    const isInRange = constraint == null ? () => true : parseRange(constraint);
    for (const { tag, assets } of releases) {
      const version = parseSemVer(tag);
      const isWanted = version !== null && isInRange(version) && assets.length > 0 &&
        (slot == null || version.build === slot) && (preRelease || version.pre.length === 0);
      if (isWanted) assert(compareVersions(version, choice.version) <= 0, tag);
    }
  });
});

Deno.test("what is passed over is listed, and is not below what is chosen", () => {
  check((choice, _, releases) => {
    const tags = releases.map(({ tag }) => tag);
    for (const { tag, why } of choice.passedOver) {
      assert(tags.includes(tag));
      if (choice.outcome !== "chosen") continue;
      const order = compareVersions(parseSemVer(tag)!, choice.version);
      assert(why === "tie" ? order === 0 : order >= 0);
    }
  });
});

Deno.test("what runs and is still the newest is chosen again", () => {
  check((choice, options, releases) => {
    if (choice.outcome !== "chosen") return;
    const again = choose(releases, { ...options, current: choice.release.tag });
    const awaited = choice.passedOver.some(({ why }) => why === "publishing");
    assertEquals(outcome(again), awaited ? "waiting" : choice.release.tag);
  });
});
