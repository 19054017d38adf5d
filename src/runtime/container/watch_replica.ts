import type { Crew } from "./crew.ts";
import { doubt } from "./doubt.ts";
import type { Household } from "./household.ts";
import type { Replica } from "./replica.ts";
import type { Upkeep } from "./upkeep.ts";

/** Has a container looked after, from its events and while the engine comes and goes. */
export function watchReplica(
  crew: Crew,
  home: Household,
  upkeep: Upkeep,
  replica: Replica,
): Disposable {
  return crew.watch.listen(replica.containerId, {
    onEvent: (event) => upkeep.hear(replica, event),
    onAway: () => {
      replica.isDoubtful = true;
      if (upkeep.isCommitted) home.chores.add(doubt(crew, home, replica));
    },
    onReturn: () => {
      home.trouble.strike("the container engine was away");
      home.chores.add(upkeep.lookAgain(replica));
    },
  });
}
