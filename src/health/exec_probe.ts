import type { Probe, ProbeResult } from "../roll/effects.ts";
import type { Instance } from "../roll/instance.ts";
import type { Inside } from "./inside.ts";
import { explainAbort } from "./probe_error.ts";

/** A probe by a command: status 0 is healthy, the last line it printed says why not. */
export function execProbe(command: string, inside: Inside): Probe {
  return async function probe(instance: Instance, signal: AbortSignal): Promise<ProbeResult> {
    const startedAt = performance.now();
    try {
      const { code, lastLine } = await inside.run(instance, command, signal);
      if (instance.exit !== null) return { healthy: false, detail: "it has ended" };
      if (code === 0) return { healthy: true };
      const why = lastLine === "" ? "" : `: ${lastLine}`;
      return { healthy: false, detail: `exit status ${code}${why}` };
    } catch (error) {
      const elapsedMs = performance.now() - startedAt;
      if (signal.aborted) return { healthy: false, detail: explainAbort(signal, elapsedMs) };
      return { healthy: false, detail: error instanceof Error ? error.message : String(error) };
    }
  };
}
