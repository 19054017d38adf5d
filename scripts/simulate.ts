/**
 * Runs many seeded lives of the updater: `deno task simulate --seeds 100000 --from 1 --jobs 2`;
 * `--seed 17` lives one and prints what happened, or, if a promise was broken, the least that shows it.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { simulateMany } from "../tests/simulation/crew.ts";
import { minimalTrace } from "../tests/simulation/minimal_trace.ts";
import { simulate } from "../tests/simulation/simulate.ts";
import { count } from "./lib/count.ts";

const TRACED = 2;
const LISTED = 20;

const args = parseArgs(Deno.args, { string: ["seeds", "seed", "from", "jobs"] });
const isGood = args.seed === undefined ? await many() : await one(count("seed", args.seed, 1));
Deno.exit(isGood ? 0 : 1);

async function one(seed: number): Promise<boolean> {
  const { violations, trace } = await simulate(seed);
  const isGood = violations.length === 0;
  console.log(isGood ? trace.lines().join("\n") : await minimalTrace(seed));
  return isGood;
}

async function many(): Promise<boolean> {
  const seeds = count("seeds", args.seeds, 10_000);
  const from = count("from", args.from, 1);
  const jobs = count("jobs", args.jobs, navigator.hardwareConcurrency);
  const began = performance.now();
  const { counts, failures } = await simulateMany({ from, seeds }, { jobs });
  const seconds = (performance.now() - began) / 1000;
  console.log(counts.toRecord());
  for (const { seed } of failures.slice(0, TRACED)) console.log(await minimalTrace(seed));
  for (const { seed, violation } of failures.slice(0, LISTED)) {
    console.log(`seed ${seed}: ${violation.vow}: ${violation.what}`);
  }
  const rate = Math.round(seeds / seconds);
  console.log(`${seeds} seeds, ${failures.length} with broken promises, ${rate} per second`);
  return failures.length === 0;
}
