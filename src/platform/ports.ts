import { listeningInodes, owners } from "./listeners.ts";
import { poll, type PollOptions } from "./poll.ts";
import { processName } from "./proc.ts";

/** Why a port cannot be bound; `detail` is for people. */
export interface PortObstacle {
  /**
   * - `held`: somebody listens there.
   * - `lingering`: nobody does, but connections of the last listener have not been forgotten yet,
   *   and it had not set `SO_REUSEADDR`: nobody can bind it for up to a minute.
   * - `unusable`: it cannot be bound for another reason.
   */
  kind: "held" | "lingering" | "unusable";
  detail: string;
}

/**
 * What keeps `port` from being bound on `host` right now; null when nothing does.
 *
 * A listener on the wildcard address counts, a connection that lingers in TIME_WAIT does not, unless
 * its owner had not set `SO_REUSEADDR`.
 */
export async function portObstacle(host: string, port: number): Promise<PortObstacle | null> {
  const error = bindError(host, port);
  if (error === null) return null;
  if (!(error instanceof Deno.errors.AddrInUse)) return { kind: "unusable", detail: error.message };
  if (Deno.build.os !== "linux") return { kind: "held", detail: "another process" };
  const inodes = await listeningInodes(port);
  if (inodes.size > 0) return { kind: "held", detail: await ownerOf(inodes) };
  return {
    kind: "lingering",
    detail: "connections that linger, as the last application there does not set SO_REUSEADDR",
  };
}

/** Waits until nobody listens on `port`; returns null then, or the listener when the time is up. */
export async function waitUntilPortFree(
  host: string,
  port: number,
  options: PollOptions,
): Promise<string | null> {
  const listener = async () => {
    const obstacle = await portObstacle(host, port);
    return obstacle?.kind === "held" ? obstacle.detail : null;
  };
  const free = await poll(async () => await listener() === null, options);
  return free ? null : await listener();
}

function bindError(host: string, port: number): Error | null {
  for (const hostname of addressesInTheWay(host)) {
    try {
      Deno.listen({ hostname, port }).close();
    } catch (error) {
      // A privileged port may well be open to a child that starts with other rights.
      if (error instanceof Deno.errors.PermissionDenied) continue;
      return error instanceof Error ? error : new Error(String(error));
    }
  }
  return null;
}

/** Linux refuses an address next to a wildcard listener, other systems allow it. */
function addressesInTheWay(host: string): string[] {
  if (Deno.build.os === "linux") return [host];
  return [host, host.includes(":") ? "::" : "0.0.0.0"];
}

async function ownerOf(inodes: ReadonlySet<string>): Promise<string> {
  const [pid] = await owners(inodes);
  return pid === undefined ? "another process" : `pid ${pid} (${await processName(pid) ?? "?"})`;
}
