import type { Crew } from "./crew.ts";
import type { Replica } from "./replica.ts";
import type { Household } from "./household.ts";

const PAUSE_MS = 250;

/**
 * The engine is away: a container that cannot be reached gets no requests until the engine is back,
 * as its port may be given to another one by then. Ends when the engine is back.
 */
export async function doubt(
  { watch, clock, isReachable }: Crew,
  { replicas, signal }: Household,
  replica: Replica,
): Promise<void> {
  const isAsked = () => watch.isAway && replica.isReady && replica.endpoint !== null;
  while (isAsked()) {
    const isThere = await isReachable(replica, signal);
    if (!isThere && isAsked()) {
      replica.isReady = false;
      replicas.refresh();
      return;
    }
    await clock.sleep(PAUSE_MS, signal);
  }
}
