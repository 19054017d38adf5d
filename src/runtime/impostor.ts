import { listenersOn } from "../platform/listeners.ts";
import { processName } from "../platform/proc.ts";
import type { ProcessBody } from "../platform/process_body.ts";

/** Processes that listen for a container, by their short names. */
export const FORWARDERS: ReadonlySet<string> = new Set([
  "docker-proxy",
  "conmon",
  "pasta",
  "pasta.avx2",
  "rootlessport",
  "slirp4netns",
]);

/** Where an instance should listen. */
export interface ListeningPlaces {
  host: string;
  ports: Iterable<number>;
}

/**
 * Who listens in the place of `group` without being a part of it, for people; null: nobody. The
 * port forwarders of container engines do not belong to those they serve, and pass.
 */
export async function impostorOf(
  group: ProcessBody,
  { host, ports }: ListeningPlaces,
): Promise<string | null> {
  for (const port of ports) {
    for (const pid of await listenersOn(host, port, group.pid)) {
      const name = await processName(pid);
      if (FORWARDERS.has(name ?? "") || await group.includes(pid)) continue;
      return `pid ${pid} (${name ?? "?"})`;
    }
  }
  return null;
}
