import { EngineUnreachableError } from "../../container/engine/engine_error.ts";
import { UNKNOWN_EXIT } from "../../roll/instance.ts";
import type { Crew } from "./crew.ts";
import type { Replica } from "./replica.ts";
import type { Household } from "./household.ts";
import { LONGEST_RETRY_MS, RETRY_MS } from "./insist.ts";

/**
 * Removes who is in a place of an instance, and puts another container there, however often that
 * has to be tried.
 *
 * @returns Null: nobody serves, and nobody can be put there.
 */
export async function substitute(
  { maker, clock, log, watch }: Crew,
  home: Household,
  number: number,
): Promise<Replica | null> {
  const { replicas, id, signal } = home;
  // What we remove ourselves is no news.
  replicas.unwatch(number);
  for (let wait = RETRY_MS;; wait *= 2) {
    if (home.isOver || number >= replicas.wanted) return null;
    try {
      // It may be one that could not be started.
      const old = replicas.at(number);
      if (old !== undefined) old.state = "gone";
      if (old !== undefined) await maker.remove(old.containerId, signal);
      return await home.add(number);
    } catch (error) {
      signal.throwIfAborted();
      if (home.isOver) return null;
      const message = error instanceof Error ? error.message : String(error);
      log.warn(`Replica ${number} of ${id} cannot be replaced: ${message}`);
      const isAway = watch.isAway || error instanceof EngineUnreachableError;
      if (replicas.now.length === 0 && !isAway) {
        home.finish({ code: UNKNOWN_EXIT, signal: null }, null);
        return null;
      }
      await clock.sleep(Math.min(wait, LONGEST_RETRY_MS), signal);
    }
  }
}
