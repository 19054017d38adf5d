import type { ContainerInfo } from "../../container/engine/container_info.ts";
import type { Crew } from "./crew.ts";
import type { Place } from "./maker.ts";
import { Replica } from "./replica.ts";
import type { Household } from "./upkeep.ts";

/** Who takes containers over. */
export interface Heir extends Household {
  enter(replica: Replica): void;
}

/**
 * Takes over a container of a former life, whatever it is doing.
 *
 * @param see What it is like now, no older than what was heard of it.
 */
export async function takeOver(
  { engine, maker, log }: Crew,
  heir: Heir,
  { id, number }: Place,
  see: (replica: Replica) => Promise<ContainerInfo | null>,
): Promise<void> {
  const found = await engine.containers.find(id, heir.signal);
  if (found === null) return;
  const replica = new Replica(found, number);
  heir.enter(replica);
  // Looked at once more, as from here on its end is heard.
  const info = await see(replica);
  if (info === null || replica.state !== "up") return;
  try {
    replica.up(heir.key, info, maker.hostPort(info, heir.id));
  } catch (error) {
    // It was made for another port: it cannot serve, but has to be stopped.
    log.warn(error instanceof Error ? error.message : String(error));
    return;
  }
  if (info.state !== "running" && info.state !== "paused") return replica.down(info.end);
  heir.chores.add(heir.output.join(replica));
}
