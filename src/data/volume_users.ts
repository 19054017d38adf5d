import type { ArchivedMount } from "../compose/snapshot/manifest.ts";
import type { ContainerState, Mount } from "../container/engine/container_info.ts";
import type { Engine } from "../container/engine/engine.ts";

/** States in which a container may write to what it has mounted, now or in a moment. */
const ALIVE: readonly ContainerState[] = ["running", "paused", "restarting"];

/** Whose data it is. */
export interface UsersOptions {
  readonly mounts: readonly Pick<ArchivedMount, "type" | "name">[];
  /** Labels of the containers of the application itself. */
  readonly owned: readonly string[];
  readonly signal: AbortSignal;
}

/** Names of the containers that run and can write to `mounts`, or are the application's own. */
export async function usersOf(
  { containers }: Pick<Engine, "containers">,
  { mounts, owned, signal }: UsersOptions,
): Promise<string[]> {
  const ours = new Set((await containers.list(owned, signal)).map(({ id }) => id));
  const names: string[] = [];
  for (const { id, name, state } of await containers.list([], signal)) {
    if (!isAlive(state)) continue;
    const info = ours.has(id) ? null : await containers.find(id, signal);
    const isUser = ours.has(id) || info?.mounts.some((mount) => isOneOf(mount, mounts));
    if (isUser) names.push(name);
  }
  return names;
}

/** Whether a container in this state may write. */
export function isAlive(state: ContainerState): boolean {
  return ALIVE.includes(state);
}

/** A directory is also used by whoever has one above it, or in it. */
function isOneOf(
  { kind, name, source, isWritable }: Mount,
  mounts: UsersOptions["mounts"],
): boolean {
  if (!isWritable) return false;
  return mounts.some((mount) => {
    if (mount.type === "volume") return kind === "volume" && name === mount.name;
    return kind === "bind" && (isWithin(source, mount.name) || isWithin(mount.name, source));
  });
}

function isWithin(path: string, directory: string): boolean {
  return `${path}/`.startsWith(`${directory.replace(/\/$/, "")}/`);
}
