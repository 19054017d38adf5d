import type { Config } from "../config/config.ts";
import { formatDuration } from "../values/duration.ts";

/** What a wait while nothing serves depends on. */
export type HoldTimes =
  & Pick<Config, "engine" | "queueTimeoutMs" | "drainTimeoutMs" | "stopTimeoutMs">
  & Pick<Config, "healthTimeoutMs">;

/**
 * What becomes of requests while `recreate` rolls, and for how long; a sentence for people.
 *
 * @param changesData Whether data is saved or migrated meanwhile: nobody knows how long that takes.
 */
export function holdNote(times: HoldTimes, changesData: boolean): string {
  const { drainTimeoutMs, stopTimeoutMs, healthTimeoutMs } = times;
  const whole = formatDuration(drainTimeoutMs + stopTimeoutMs + healthTimeoutMs);
  const parts = `drain ${formatDuration(drainTimeoutMs)}, stop ${formatDuration(stopTimeoutMs)}, ` +
    `gate ${formatDuration(healthTimeoutMs)}`;
  const more = changesData ? " and the time for the data" : "";
  return `from the drain to the switch, which may take ${whole} (${parts})${more}, ${
    fateOf(times)
  }`;
}

function fateOf({ engine, queueTimeoutMs }: HoldTimes): string {
  if (engine === "direct") return "connections wait in the queue of the public socket";
  const [one, end] = engine === "tcp"
    ? ["connection", "is closed"] as const
    : ["request", "gets 503"] as const;
  if (queueTimeoutMs === 0) return `each ${one} ${end}`;
  return `each ${one} waits, and ${end} after ${formatDuration(queueTimeoutMs)}`;
}
