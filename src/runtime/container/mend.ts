import { withDeadline } from "../../platform/clock.ts";
import type { Crew } from "./crew.ts";
import type { Replica } from "./replica.ts";
import type { Household } from "./household.ts";
import { isLookedAfter } from "./insist.ts";
import type { Upkeep } from "./upkeep.ts";

/** One that has served before, and is not well, has so long to get well. */
const MEND_MS = 10_000;

/** Waits until a container is well and gets requests; if that takes too long, another one does. */
export async function mend(
  { clock, stop }: Crew,
  home: Household,
  upkeep: Upkeep,
  replica: Replica,
): Promise<void> {
  const waiting = () => upkeep.untilWell(replica);
  const end = await withDeadline(clock, MEND_MS, home.signal, waiting);
  if (end === true) home.tell({ type: "container.well_again", container: replica.name });
  if (end !== "timed_out" || !isWanted(home, replica)) return;
  home.tell({ type: "container.sick", container: replica.name });
  // What we end ourselves is no news. It had no new requests for a while, and may finish those it has.
  home.replicas.unwatch(replica.number);
  await stop(replica.containerId).catch(() => {});
  if (isWanted(home, replica)) await upkeep.replace(replica.number);
}

/** It may have been let go meanwhile, and nobody takes its place then. */
function isWanted(home: Household, replica: Replica): boolean {
  return isLookedAfter(home, replica) && replica.number < home.replicas.wanted;
}
