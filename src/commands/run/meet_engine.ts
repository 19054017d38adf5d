import { Engine } from "../../container/engine/engine.ts";
import { EngineUnreachableError } from "../../container/engine/engine_error.ts";
import { enginePlace } from "../../container/engine/engine_place.ts";
import { systemClock } from "../../platform/clock.ts";
import { exists } from "../../platform/exists.ts";
import { getLog } from "../../platform/log.ts";
import { engineTrouble } from "../../runtime/container/outage.ts";

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

/** How an engine is met. */
export interface MeetingOptions {
  /** Something of ours may run there: one that is still away then is met later. @default {false} */
  readonly mayBeAway?: boolean;
  /** So long it is waited for, in milliseconds. @default {30 seconds} */
  readonly patienceMs?: number;
}

/**
 * Meets the engine; one that is not up yet, or does not do its work, is waited for.
 *
 * @throws {Error} When there is none; the message says where it was looked for.
 */
export async function meetEngine(
  socket: string,
  { mayBeAway = false, patienceMs = PATIENCE_MS }: MeetingOptions = {},
): Promise<Engine> {
  const until = performance.now() + patienceMs;
  for (let tries = 0;; tries++) {
    try {
      return await Engine.connect(socket, AbortSignal.timeout(PATIENCE_MS));
    } catch (error) {
      const why = waitsFor(error);
      if (why === null) throw error;
      if (performance.now() > until) {
        if (mayBeAway) return Engine.unmet(socket);
        throw error;
      }
      if (tries === 0) getLog("containers").warn(`Waiting for the engine: ${why}`);
      await systemClock.sleep(RETRY_MS);
    }
  }
}

/** Why time may help; null: it does not. */
function waitsFor(error: unknown): string | null {
  const isHopeless = error instanceof EngineUnreachableError &&
    (error.outage === "forbidden" || error.outage === "too_old");
  return isHopeless ? null : engineTrouble(error);
}
