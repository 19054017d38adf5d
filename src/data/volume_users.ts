import type { ContainerState, Mount } from "../container/engine/container_info.ts";
import type { ContainerSummary } from "../container/engine/containers.ts";
import type { Engine } from "../container/engine/engine.ts";
import type { ArchivedMount } from "./snapshot/manifest.ts";

/** States in which a container may write to what it has mounted, now or in a moment. */
const ALIVE: readonly ContainerState[] = ["running", "paused", "restarting"];

/** As engines are asked for them: `key=value`. */
export type Labels = readonly string[];

/** Whose data it is. */
export interface UsersOptions {
  readonly mounts: readonly Pick<ArchivedMount, "type" | "name">[];
  /** Who has all labels of one of these is a container of the application itself. */
  readonly owned: readonly Labels[];
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
  const ours = new Set((await ownContainers({ containers }, owned, signal)).map(({ id }) => id));
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

/** All that belong to the application itself, running or not. */
export async function ownContainers(
  { containers }: Pick<Engine, "containers">,
  owned: readonly Labels[],
  signal: AbortSignal,
): Promise<readonly ContainerSummary[]> {
  const lists = await Promise.all(owned.map((labels) => containers.list(labels, signal)));
  const byId = new Map(lists.flat().map((one) => [one.id, one]));
  return [...byId.values()];
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
