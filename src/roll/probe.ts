import type { Effects, ProbeResult } from "./effects.ts";
import type { Instance } from "./instance.ts";

/** Asks an instance once. A healthy answer only counts if it comes from the instance itself. */
export async function probe(
  instance: Instance,
  effects: Pick<Effects, "probe">,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const result = await effects.probe(instance, signal);
  if (!result.healthy) return result;
  const impostor = await instance.impostor();
  if (impostor === null) return result;
  return { healthy: false, detail: `answered by ${impostor}, which is no part of it` };
}
