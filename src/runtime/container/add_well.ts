import { withDeadline } from "../../platform/clock.ts";
import type { Crew } from "./crew.ts";
import type { Household } from "./household.ts";
import type { Upkeep } from "./upkeep.ts";

/**
 * Adds a container, and waits until it is well. Where they serve already, one that fails is tried
 * again, for as long as it takes.
 *
 * @returns False: it ended first.
 * @throws When it could not be made or started, or `signal` aborts.
 */
export async function addWell(
  { clock }: Crew,
  home: Household,
  upkeep: Upkeep,
  { number, timeoutMs, signal }: { number: number; timeoutMs: number; signal: AbortSignal },
): Promise<boolean | "timed_out"> {
  try {
    const replica = await home.add(number);
    if (upkeep.isCommitted) upkeep.keepAlive(replica);
    return await withDeadline(clock, timeoutMs, signal, () => upkeep.untilWell(replica));
  } catch (error) {
    if (upkeep.isCommitted && !home.isOver) home.chores.add(upkeep.replace(number));
    throw error;
  }
}
