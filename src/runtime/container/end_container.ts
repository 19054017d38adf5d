import { isNotFound } from "../../container/engine/engine_error.ts";
import { isAlive } from "../../data/volume_users.ts";
import type { StopOutcome } from "../../roll/instance.ts";
import type { Crew } from "./crew.ts";
import { removeLater } from "./remove_later.ts";
import type { Replica } from "./replica.ts";

/** How long an engine that does not answer is asked to stop a container. */
export const STOP_RETRY_MS = 30_000;

const RETRY_MS = 1_000;

/**
 * Stops a container and removes it. Always ends, never rejects; one that has survived that before is
 * only tried once.
 */
export async function endContainer(crew: Crew, replica: Replica): Promise<StopOutcome> {
  const { clock, log, maker, stop, stopTimeoutMs } = crew;
  const { containerId, state, name } = replica;
  replica.state = "gone";
  const end = async () => {
    const mayRun = state === "up" || state === "survived";
    const outcome = mayRun ? await stop(containerId) : "already_gone";
    await maker.remove(containerId, AbortSignal.timeout(STOP_RETRY_MS));
    return outcome;
  };
  const isFirst = state !== "survived";
  const until = isFirst ? clock.now() + stopTimeoutMs + STOP_RETRY_MS : -Infinity;
  for (let told = "";;) {
    try {
      return await end();
    } catch (error) {
      if (isNotFound(error)) return "already_gone";
      const message = error instanceof Error ? error.message : String(error);
      if (isFirst && message !== told) log.warn(`Container ${name} cannot be stopped: ${message}`);
      told = message;
      if (clock.now() > until) {
        if (isFirst) removeLater(crew, containerId, () => end().catch(unlessGone));
        // One that only cannot be removed does nothing any more.
        const mayWork = await seemsToWork(crew, containerId);
        replica.state = mayWork ? "survived" : "gone";
        return mayWork ? "survived" : "stopped";
      }
      await clock.sleep(RETRY_MS);
    }
  }
}

/** Also when nobody knows. */
async function seemsToWork({ engine }: Crew, containerId: string): Promise<boolean> {
  const look = engine.containers.find(containerId, AbortSignal.timeout(STOP_RETRY_MS));
  const info = await look.catch(() => "unknown" as const);
  return info === "unknown" || (info !== null && isAlive(info.state));
}

function unlessGone(error: unknown): void {
  if (!isNotFound(error)) throw error;
}

/** The most that had to be done to end one of several. */
export function worstOf(outcomes: readonly StopOutcome[]): StopOutcome {
  const order = ["survived", "killed", "stopped"] as const;
  return order.find((one) => outcomes.includes(one)) ?? "already_gone";
}
