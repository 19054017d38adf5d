import { assertEquals } from "@std/assert";
import { Ending } from "../../../src/roll/ending.ts";
import { factsOf, type FactsTools } from "../../../src/roll/facts.ts";
import { NO_MEMORY } from "../../../src/roll/journal.ts";
import { FairWorld } from "./fair_world.ts";

const NOTHING_LEFT = { list: [], isWaitedFor: false, onChange() {} };

/** What those say who know, when all is well and nothing serves yet. */
function setUp(more: Partial<FactsTools> = {}): FactsTools {
  return {
    stage: { current: null, remains: NOTHING_LEFT },
    preferences: { now: NO_MEMORY.settings },
    chronicle: { problem: null },
    checks: { last: null, waiting: null },
    rolls: { to: null },
    turns: { awaited: null },
    refusals: { latest: null },
    recovery: { provenId: null, crash: null },
    guard: { isSick: false, onProbation: null },
    ending: new Ending(),
    waking: { waitsFor: null },
    ...more,
  };
}

Deno.test("who is left to another liveroll is not stopping", () => {
  const [stopped, left] = [new Ending(), new Ending()];
  stopped.stop();
  left.leave();
  assertEquals([stopped, left].map((ending) => factsOf(setUp({ ending })).stopping), [true, false]);
});

for (
  const [provenId, isSick, sick, wanted] of [
    ["v1", false, false, null],
    ["v1", true, true, null],
    // Whoever should not serve is no news when it is not well either.
    ["v0", true, false, "v0"],
  ] as const
) {
  Deno.test(`v1 serves, ${provenId} should, sick: ${isSick}; told are sick: ${sick}, wanted: ${wanted}`, async () => {
    const current = await new FairWorld().launch("v1", 9101);
    const facts = factsOf(setUp({
      stage: { current, remains: NOTHING_LEFT },
      recovery: { provenId, crash: null },
      guard: { isSick, onProbation: null },
    }));
    assertEquals([facts.serving?.id, facts.sick, facts.wanted], ["v1", sick, wanted]);
  });
}

Deno.test("only a check that failed is a problem", () => {
  const failed = { outcome: "failed", detail: "no network" } as const;
  const unchanged = { outcome: "unchanged", id: "v1" } as const;
  const problems = [failed, unchanged].map((result) =>
    factsOf(setUp({ checks: { last: { at: 0, result }, waiting: null } })).checkProblem
  );
  assertEquals(problems, ["no network", null]);
});
