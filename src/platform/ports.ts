import { poll, type PollOptions } from "./poll.ts";
import { processIds, processName } from "./proc.ts";

const LISTEN = "0A";

/**
 * Who keeps `port` from being bound on `host` right now, for people; null when nobody does.
 *
 * A listener on the wildcard address counts, a connection that lingers in TIME_WAIT does not.
 */
export async function portHolder(host: string, port: number): Promise<string | null> {
  const obstacle = bindError(host, port);
  if (obstacle === null) return null;
  if (!(obstacle instanceof Deno.errors.AddrInUse)) return obstacle.message;
  return await listenerName(port) ?? "another process";
}

/** Waits until nobody holds `port`; returns null then, or the holder when the time is up. */
export async function waitUntilPortFree(
  host: string,
  port: number,
  options: PollOptions,
): Promise<string | null> {
  const free = await poll(() => bindError(host, port) === null, options);
  return free ? null : await portHolder(host, port);
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

async function listenerName(port: number): Promise<string | null> {
  const inodes = new Set<string>();
  for (const table of ["tcp", "tcp6"]) {
    for (const inode of await listeningInodes(`/proc/net/${table}`, port)) inodes.add(inode);
  }
  if (inodes.size === 0) return null;
  for (const pid of await processIds()) {
    if (await holdsSocket(pid, inodes)) return `pid ${pid} (${await processName(pid) ?? "?"})`;
  }
  return null;
}

async function listeningInodes(path: string, port: number): Promise<string[]> {
  const table = await Deno.readTextFile(path).catch(() => "");
  const rows = table.split("\n").slice(1).map((row) => row.trim().split(/\s+/));
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return rows
    .filter(([, local, , state]) => state === LISTEN && local?.endsWith(suffix))
    .flatMap((row) => row[9] ?? []);
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
