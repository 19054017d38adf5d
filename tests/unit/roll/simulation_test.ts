import { assert, assertEquals } from "@std/assert";
import { simulate } from "../../simulation/simulate.ts";

const SEEDS = 2_000;

Deno.test(`${SEEDS} seeded lives keep every promise`, async () => {
  const totals: Record<string, number> = {};
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { violations, trace, counts } = await simulate(seed);
    assertEquals(violations, [], `seed ${seed}:\n${trace.slice(-60).join("\n")}`);
    for (const [what, n] of Object.entries(counts)) totals[what] = (totals[what] ?? 0) + n;
  }
  for (const what of ["roll.failed", "restart.scheduled", "check.quarantined", "port.busy"]) {
    assert((totals[what] ?? 0) > SEEDS / 4, `the lives were too quiet: few ${what}`);
  }
});

Deno.test("the same seed lives the same life again", async () => {
  assertEquals((await simulate(7)).trace, (await simulate(7)).trace);
});
