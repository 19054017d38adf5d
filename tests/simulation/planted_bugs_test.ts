import { assert, assertEquals, assertLess } from "@std/assert";
import { PLANTED_BUGS, type PlantedBug } from "./planted_bugs.ts";
import { shrink } from "./shrink.ts";
import { type Report, simulate } from "./simulate.ts";
import { VOWS } from "./vows/all.ts";

/** Whatever is wrong shows in one of so many. */
const SEEDS = 500;

for (const bug of PLANTED_BUGS) {
  Deno.test(`a planted bug is found: ${bug.what}`, async () => {
    const found = await find(bug);
    assert(found !== null, `${SEEDS} seeds have not found it`);
    // What breaks is the bug and not the vow: without it the same seed is fine.
    const { seed } = found.plan;
    assertEquals((await simulate(seed, { vows: [bug.vow] })).violations, []);
  });
}

Deno.test("there is a planted bug for each vow", () => {
  const found = new Set(PLANTED_BUGS.map(({ vow }) => vow));
  assertEquals(VOWS.filter((vow) => !found.has(vow)).map(({ name }) => name), []);
});

Deno.test("what does not matter for a failure is left out of its trace", async () => {
  const bug = PLANTED_BUGS.find(({ vow }) => vow.name === "TheNewestServes")!;
  const found = (await find(bug))!;
  const least = await shrink(found, optionsOf(bug));
  assertEquals(least.violations[0]?.vow, found.violations[0]?.vow);
  assertEquals(least.plan.storm, []);
  assertEquals(least.plan.lives, []);
  assertLess(least.trace.lines().length, found.trace.lines().length);
});

async function find(bug: PlantedBug): Promise<Report | null> {
  using patches = new DisposableStack();
  for (const patch of bug.patches?.() ?? []) patches.use(patch);
  for (let seed = 1; seed <= SEEDS; seed++) {
    const report = await simulate(seed, optionsOf(bug));
    if (report.violations.length > 0) return report;
  }
  return null;
}

function optionsOf({ vow, sabotage }: PlantedBug) {
  return sabotage === undefined ? { vows: [vow] } : { vows: [vow], sabotage };
}
