import type { Plan } from "./plan.ts";
import { type Report, simulate, type SimulateOptions } from "./simulate.ts";

/**
 * Leaves out of a failing plan whatever does not matter: as long as the same promise is broken
 * without it, it stays out. First large parts, then smaller ones, then single ones.
 *
 * @returns The report of the smallest plan that was found.
 */
export async function shrink(report: Report, options?: SimulateOptions): Promise<Report> {
  const vow = report.violations[0]?.vow;
  let best = report;
  let isSmaller = true;
  const accept = async (plan: Plan): Promise<boolean> => {
    const next = await simulate(plan, options);
    if (next.violations[0]?.vow !== vow) return false;
    best = next;
    return true;
  };
  while (isSmaller) {
    isSmaller = false;
    for (const part of ["storm", "lives"] as const) {
      for (let size = best.plan[part].length; size >= 1; size = Math.floor(size / 2)) {
        isSmaller = await without(part, size, () => best.plan, accept) || isSmaller;
      }
    }
  }
  for (const simpler of simplifications(best.plan)) {
    await accept({ ...simpler(best.plan) });
  }
  return best;
}

/** Tries to leave out each run of `size` items. @returns Whether any could be. */
async function without(
  part: "storm" | "lives",
  size: number,
  plan: () => Plan,
  accept: (plan: Plan) => Promise<boolean>,
): Promise<boolean> {
  let hasShrunk = false;
  for (let at = 0; at < plan()[part].length;) {
    const items = plan()[part].toSpliced(at, size);
    if (await accept({ ...plan(), [part]: items })) hasShrunk = true;
    else at += size;
  }
  return hasShrunk;
}

/** What makes a trace longer, and rarely matters. */
function simplifications({ lives }: Plan): ((plan: Plan) => Plan)[] {
  const calm = { registryDown: false, cleanUp: false, crash: false, impatient: false };
  const ofSetup = [{ hooks: false }, { fleet: false }, { data: null }, { window: null }, {
    slowWrites: 0,
  }];
  const ofUpdater = [
    { keepWarmMs: 0 },
    { minHealthyMs: 0 },
    { livenessIntervalMs: 0 },
    {
      cooldownMs: 0,
    },
    { healthSuccesses: 1 },
    { exclusive: false },
  ];
  return [
    (plan) => ({ ...plan, calm }),
    ...ofSetup.map((change) => (plan: Plan) => ({ ...plan, setup: { ...plan.setup, ...change } })),
    ...ofUpdater.map((change) => (plan: Plan) => ({
      ...plan,
      setup: { ...plan.setup, updater: { ...plan.setup.updater, ...change } },
    })),
    ...lives.map((_, at) => (plan: Plan) => ({
      ...plan,
      lives: plan.lives.map((life, i) => i === at ? { ...life, damage: false, doom: null } : life),
    })),
  ];
}
