import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { Search } from "../../roll/effects.ts";
import { engineTrouble } from "./outage.ts";

/** An engine that does not do its work is asked so often. */
const RETRY_MS = 1_000;

/**
 * Asks an engine until it does its work, however long that takes.
 *
 * @param what Cannot be done meanwhile, for people.
 * @throws What has nothing to do with the engine.
 * @throws The reason of `search.signal`, when it has aborted and the engine has not answered.
 */
export async function untilAnswered<T>(
  what: string,
  ask: () => Promise<T>,
  { signal, onWait }: Search,
  { clock, log }: { clock: Pick<Clock, "sleep">; log: Pick<Log, "warn"> },
): Promise<T> {
  for (let told = "";;) {
    try {
      const answer = await ask();
      onWait(null);
      return answer;
    } catch (error) {
      signal.throwIfAborted();
      const why = engineTrouble(error);
      if (why === null) throw error;
      if (why !== told) log.warn(`${what}: ${why}`);
      told = why;
      onWait(`the container engine: ${why}`);
      await clock.sleep(RETRY_MS, signal);
    }
  }
}
