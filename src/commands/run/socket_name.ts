import type { Config } from "../../config/config.ts";

/**
 * By which a public socket is known to service managers, to another liveroll and to children: a
 * single one by a name of its own, whatever its port; several by their ports.
 */
export function socketName(port: number, { length }: Config["ports"]): string {
  return length === 1 ? "http" : `port-${port}`;
}
