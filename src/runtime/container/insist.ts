import { isNotFound } from "../../container/engine/engine_error.ts";
import type { Crew } from "./crew.ts";
import type { Household } from "./household.ts";
import type { Replica } from "./replica.ts";

/** Between two tries; it grows. */
export const RETRY_MS = 1_000;
export const LONGEST_RETRY_MS = 10_000;

/**
 * Asks the engine until it does what is asked of it, as long as anybody looks after the container:
 * what is not asked again after an error is lost for ever.
 *
 * @throws When it is gone, or nobody looks after it any more.
 */
export async function insist<T>(
  { clock, log }: Crew,
  home: Household,
  replica: Replica,
  work: () => Promise<T>,
): Promise<T> {
  for (let wait = RETRY_MS;; wait = Math.min(wait * 2, LONGEST_RETRY_MS)) {
    try {
      return await work();
    } catch (error) {
      if (!isLookedAfter(home, replica) || isNotFound(error)) throw error;
      const message = error instanceof Error ? error.message : String(error);
      log.warn(`Container ${replica.name} is looked after once more in ${wait} ms: ${message}`);
      await clock.sleep(wait, home.signal);
    }
  }
}

/** Whether it matters what becomes of it. */
export function isLookedAfter({ replicas, isOver }: Household, replica: Replica): boolean {
  return replicas.has(replica) && !isOver;
}
