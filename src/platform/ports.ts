import { poll, type PollOptions } from "./poll.ts";
import { processIds, processName } from "./proc.ts";

const LISTEN = "0A";

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
  for (const pid of await processIds()) {
    if (await holdsSocket(pid, inodes)) return `pid ${pid} (${await processName(pid) ?? "?"})`;
  }
  return "another process";
}

async function listeningInodes(port: number): Promise<ReadonlySet<string>> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const inodes = new Set<string>();
  for (const table of ["tcp", "tcp6"]) {
    const text = await Deno.readTextFile(`/proc/net/${table}`).catch(() => "");
    for (const row of text.split("\n").slice(1)) {
      const columns = row.trim().split(/\s+/);
      if (columns[3] === LISTEN && columns[1]?.endsWith(suffix)) inodes.add(columns[9] ?? "");
    }
  }
  return inodes;
}

async function holdsSocket(pid: number, inodes: ReadonlySet<string>): Promise<boolean> {
  try {
    for await (const { name } of Deno.readDir(`/proc/${pid}/fd`)) {
      const target = await Deno.readLink(`/proc/${pid}/fd/${name}`).catch(() => "");
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
      if (inode !== undefined && inodes.has(inode)) return true;
    }
  } catch {
    // Another user's process, or one that just ended.
  }
  return false;
}
