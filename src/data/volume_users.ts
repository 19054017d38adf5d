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
  engine: Pick<Engine, "containers">,
  options: UsersOptions,
): Promise<string[]> {
  return (await find(engine, options)).map(({ name }) => name);
}

/** {@linkcode usersOf} without the application's own. */
export async function othersOn(
  engine: Pick<Engine, "containers">,
  options: UsersOptions,
): Promise<string[]> {
  return (await find(engine, options)).filter(({ isOurs }) => !isOurs).map(({ name }) => name);
}

async function find(
  { containers }: Pick<Engine, "containers">,
  { mounts, owned, signal }: UsersOptions,
): Promise<{ name: string; isOurs: boolean }[]> {
  const ours = new Set((await containers.list(owned, signal)).map(({ id }) => id));
  const users: { name: string; isOurs: boolean }[] = [];
  for (const { id, name, state } of await containers.list([], signal)) {
    if (!isAlive(state)) continue;
    const isOurs = ours.has(id);
    const info = isOurs ? null : await containers.find(id, signal);
    const isUser = isOurs || info?.mounts.some((mount) => isOneOf(mount, mounts));
    if (isUser) users.push({ name, isOurs });
  }
  return users;
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
