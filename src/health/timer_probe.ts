import { type Clock, systemClock } from "../platform/clock.ts";
import type { Probe, ProbeResult } from "../roll/effects.ts";
import type { Instance } from "../roll/instance.ts";

/**
 * A probe that asks nobody: who has lived for `aliveMs` milliseconds is well. The time counts from
 * the first probe, which follows the start at once; an adopted instance has to wait again.
 */
export function timerProbe(
  aliveMs: number,
  clock: Pick<Clock, "now"> = systemClock,
): Probe {
  const since = new WeakMap<Instance, number>();
  // deno-lint-ignore require-await -- a probe may take its time, this one never does
  return async function probe(instance: Instance): Promise<ProbeResult> {
    const now = clock.now();
    const began = since.get(instance) ?? now;
    since.set(instance, began);
    if (instance.exit !== null) return { healthy: false, detail: "it has ended" };
    if (now - began >= aliveMs) return { healthy: true };
    return { healthy: false, detail: `it has lived for ${Math.floor(now - began)} ms only` };
  };
}
