import type { Probe, ProbeResult } from "../roll/effects.ts";
import type { Instance } from "../roll/instance.ts";
import type { Inside } from "./inside.ts";

/** A probe that asks nobody: the instance itself says when it is ready. */
export function notifyProbe(inside: Inside): Probe {
  // deno-lint-ignore require-await -- a probe may take its time, this one never does
  return async function probe(instance: Instance): Promise<ProbeResult> {
    const notices = inside.notices(instance);
    if (notices === null || instance.exit !== null) {
      return { healthy: false, detail: "it has ended" };
    }
    if (notices.ready) return { healthy: true };
    const why = notices.status === null ? "" : `: ${notices.status}`;
    return { healthy: false, detail: `not ready yet${why}` };
  };
}
