/** Runs many seeded lives of the updater: `deno task simulate --seeds 100000 --from 1`, `--seed 17` for one. */
import { parseArgs } from "@std/cli/parse-args";
import { simulate } from "../tests/simulation/simulate.ts";
import { count } from "./lib/count.ts";

const SHOWN = 3;

const args = parseArgs(Deno.args, { string: ["seeds", "seed", "from"] });
const only = args.seed === undefined ? null : count("seed", args.seed, 1);
const from = only ?? count("from", args.from, 1);
const seeds = only === null ? count("seeds", args.seeds, 10_000) : 1;
const totals: Record<string, number> = {};
const failing: number[] = [];

for (let seed = from; seed < from + seeds; seed++) {
  const report = await simulate(seed);
  for (const [what, n] of Object.entries(report.counts)) totals[what] = (totals[what] ?? 0) + n;
  if (only !== null) console.log(report.trace.join("\n"));
  if (report.violations.length === 0) continue;
  failing.push(seed);
  if (failing.length <= SHOWN) console.log(`seed ${seed}: ${report.violations.join("; ")}`);
}

console.log(`${seeds} lives, ${failing.length} with broken promises`, failing.slice(0, 20));
console.log(totals);
Deno.exit(failing.length === 0 ? 0 : 1);
