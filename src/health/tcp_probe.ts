import type { Probe, ProbeResult } from "../roll/effects.ts";
import type { Instance } from "../roll/instance.ts";
import { explainProbeError } from "./probe_error.ts";

/** Where a {@linkcode tcpProbe} connects. */
export interface TcpProbeOptions {
  /** Added to the port of the instance. */
  healthPortOffset: number;
}

/** A probe that is content with a connection; not a byte is sent. */
export function tcpProbe({ healthPortOffset }: TcpProbeOptions): Probe {
  return async function probe(instance: Instance, signal: AbortSignal): Promise<ProbeResult> {
    const startedAt = performance.now();
    try {
      signal.throwIfAborted();
      const port = instance.port + healthPortOffset;
      const connection = await Deno.connect({ hostname: instance.host, port, signal });
      connection.close();
      if (instance.exit !== null) return { healthy: false, detail: "answered by somebody else" };
      return { healthy: true };
    } catch (error) {
      const elapsedMs = performance.now() - startedAt;
      return { healthy: false, detail: explainProbeError(error, signal, elapsedMs) };
    }
  };
}
