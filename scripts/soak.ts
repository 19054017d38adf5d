/**
 * Long runs, by hand: `deno task soak --seeds 100000 --rolls 1000`.
 *
 * First so many seeded lives of the updater, then so many rolls of the real program under load, and
 * a mix of good and bad versions.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { count } from "./lib/count.ts";

const ROOT = new URL("..", import.meta.url).pathname;

const flags = parseArgs(Deno.args, { string: ["seeds", "rolls"] });
const seeds = `${count("seeds", flags.seeds, 100_000)}`;
const rolls = `${count("rolls", flags.rolls, 1_000)}`;

await step("simulation", ["run", "-A", "scripts/simulate.ts", "--seeds", seeds]);
await step("rolls under load", ["test", "-A", "--frozen", "tests/e2e/hundred_rolls_test.ts"]);

async function step(name: string, args: string[]): Promise<void> {
  const began = performance.now();
  const { success } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: ROOT,
    env: { SOAK_ROLLS: rolls },
  }).spawn().status;
  const minutes = ((performance.now() - began) / 60_000).toFixed(1);
  console.log(`soak: ${name} ${success ? "passed" : "FAILED"} after ${minutes} minutes`);
  if (!success) Deno.exit(1);
}
