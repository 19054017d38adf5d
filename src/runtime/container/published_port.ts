import { delay } from "@std/async/delay";
import { explainProbeError } from "../../health/probe_error.ts";
import type { ProbeResult } from "../../roll/effects.ts";

/** An engine that finds nobody behind the port hangs up at once. */
const LISTEN_MS = 150;

/** Asks whether somebody listens at a place. */
export type PortProbe = (
  place: { readonly host: string; readonly port: number },
  signal: AbortSignal,
) => Promise<ProbeResult>;

/**
 * A probe that is content with a connection into a container. The engine itself accepts on a
 * published port, whoever listens behind it; but it hangs up when nobody does.
 */
export function publishedPortProbe(): PortProbe {
  return async function probe(instance, signal) {
    const startedAt = performance.now();
    try {
      signal.throwIfAborted();
      const { host: hostname, port } = instance;
      using connection = await Deno.connect({ hostname, port, signal });
      return await staysOpen(connection)
        ? { healthy: true }
        : { healthy: false, detail: "nobody listens on the port inside the container" };
    } catch (error) {
      const elapsedMs = performance.now() - startedAt;
      return { healthy: false, detail: explainProbeError(error, signal, elapsedMs) };
    }
  };
}

/** Who speaks first listens, too. */
async function staysOpen(connection: Deno.Conn): Promise<boolean> {
  const over = new AbortController();
  const quiet = delay(LISTEN_MS, { signal: over.signal }).then(() => true, () => true);
  const heard = connection.read(new Uint8Array(1)).then((bytes) => bytes !== null, () => false);
  const answer = await Promise.race([heard, quiet]);
  over.abort();
  return answer;
}
