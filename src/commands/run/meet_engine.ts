import { Engine } from "../../container/engine/engine.ts";
import { EngineUnreachableError } from "../../container/engine/engine_error.ts";
import { enginePlace } from "../../container/engine/engine_place.ts";
import { systemClock } from "../../platform/clock.ts";
import { exists } from "../../platform/exists.ts";
import { getLog } from "../../platform/log.ts";

/** An engine that comes up with the machine may need a while. */
const PATIENCE_MS = 30_000;
const RETRY_MS = 500;

/**
 * Where the engine's socket is.
 *
 * @param host As the operator says; null: nothing was said.
 * @throws {SyntaxError} When it is not a socket of this host.
 */
export function findSocket(host: string | null, env: Readonly<Record<string, string>>): string {
  return enginePlace({ host, env, exists });
}

/**
 * Meets the engine; one that is not up yet is waited for.
 *
 * @throws {Error} When there is none; the message says where it was looked for.
 */
export async function meetEngine(socket: string): Promise<Engine> {
  const until = performance.now() + PATIENCE_MS;
  for (let tries = 0;; tries++) {
    try {
      return await Engine.connect(socket, AbortSignal.timeout(PATIENCE_MS));
    } catch (error) {
      const isHopeless = !(error instanceof EngineUnreachableError) ||
        error.outage === "forbidden" || performance.now() > until;
      if (isHopeless) throw error;
      if (tries === 0) getLog("containers").warn(`Waiting for the engine: ${error.message}`);
      await systemClock.sleep(RETRY_MS);
    }
  }
}
