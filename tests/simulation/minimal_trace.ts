import { shrink } from "./shrink.ts";
import { simulate, type SimulateOptions } from "./simulate.ts";

/** Lives a seed again and tells what is broken, with the shortest trace that shows it. */
export async function minimalTrace(seed: number, options?: SimulateOptions): Promise<string> {
  const full = await simulate(seed, options);
  const [violation] = full.violations;
  if (violation === undefined) return `seed ${seed}: every promise was kept`;
  const least = await shrink(full, options);
  const { plan } = least;
  const lines = least.trace.lines();
  return [
    `seed ${seed}: ${violation.vow}`,
    `  ${violation.what}`,
    `${full.trace.lines().length} lines, ${lines.length} of them matter ` +
    `(${plan.lives.length} lives before the last, ${plan.storm.length} things that happen):`,
    ...lines,
    `Replay it with: deno task simulate --seed ${seed}`,
  ].join("\n");
}
