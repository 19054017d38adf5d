import type { ContainerInfo } from "../../container/engine/container_info.ts";
import { EngineError } from "../../container/engine/engine_error.ts";
import type { Crew } from "./crew.ts";
import type { Place } from "./maker.ts";
import { Replica } from "./replica.ts";
import type { Household } from "./household.ts";

/** Who takes containers over. */
export interface Heir extends Household {
  enter(replica: Replica): void;
}

/** How containers are taken over. */
export interface TakeOverOptions {
  /** Those that the engine can look at need not wait for one that it cannot look at. */
  readonly isUrgent: boolean;
  /** What a container is like now, no older than what was heard of it. */
  see(replica: Replica): Promise<ContainerInfo | null>;
  /** One could not be looked at, and the others go on without it. */
  onMissed(): void;
}

/**
 * Takes over the containers of a former life, whatever they are doing.
 *
 * @throws When one could not be looked at, and the others have to wait for it.
 */
export async function takeOverAll(
  crew: Crew,
  heir: Heir,
  places: readonly Place[],
  options: TakeOverOptions,
): Promise<void> {
  const { see, isUrgent, onMissed } = options;
  const looks = await Promise.allSettled(places.map((place) => takeOver(crew, heir, place, see)));
  for (const look of looks) {
    if (look.status === "fulfilled") continue;
    const { reason } = look;
    const hasOthers = [...heir.replicas].some(({ endpoint }) => endpoint !== null);
    if (!isUrgent || !hasOthers || !(reason instanceof EngineError)) throw reason;
    crew.log.warn(`The others of ${heir.id} go on without one: ${reason.message}`);
    onMissed();
    for (const one of heir.replicas) {
      if (one.state === "up" && one.endpoint === null) one.down(null);
    }
  }
}

async function takeOver(
  { engine, maker, log }: Crew,
  heir: Heir,
  { id, number }: Place,
  see: TakeOverOptions["see"],
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
