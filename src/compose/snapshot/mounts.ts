import type { MountModel, ServiceModel, StackModel } from "../model.ts";

/** What we ask of the engine. */
export interface SnapshotEngine {
  /** Where a volume is on this host; null: somewhere else, or there is no such volume. */
  volumeMountpoint(name: string): Promise<string | null>;
}

/** A volume or directory that a service can write to. */
export interface SavedMount {
  readonly type: "volume" | "bind";
  /** The volume as the engine knows it, or the path on the host. */
  readonly name: string;
  /** Where the service finds it. */
  readonly target: string;
  /** Where it is on this host; null: we cannot get at it from here. */
  readonly directory: string | null;
}

/** What is not saved, and why. */
export interface SkippedMount {
  readonly name: string;
  readonly why: string;
}

/** What there is to save of a service. */
export interface MountSelection {
  readonly saved: readonly SavedMount[];
  readonly skipped: readonly SkippedMount[];
}

/** Nothing of an application: neither saved nor, worse, emptied to be restored. */
const SYSTEM = new RegExp(
  "^/(?:|home(?:/[^/]+)?|media|mnt|opt|root|srv|tmp|var(?:/[^/]+)?" +
    "|(?:bin|boot|dev|etc|lib\\w*|proc|run|sbin|sys|usr)(?:/.*)?)$",
);

/** Finds what a service writes to: what it can only read does not change. */
export async function selectMounts(
  service: Pick<ServiceModel, "mounts">,
  { volumes }: Pick<StackModel, "volumes">,
  engine: SnapshotEngine,
): Promise<MountSelection> {
  const saved: SavedMount[] = [];
  const skipped: SkippedMount[] = [];
  for (const mount of service.mounts.filter(isWritable)) {
    const result = mount.type === "bind"
      ? await bind(mount)
      : await volume(mount, volumes.get(mount.source!)?.name ?? mount.source!, engine);
    if ("why" in result) skipped.push(result);
    else if (!saved.some(({ name }) => name === result.name)) saved.push(result);
  }
  return { saved, skipped };
}

/** A volume without a name goes with its container; what is in memory is meant to go. */
function isWritable({ type, source, isReadOnly }: MountModel): boolean {
  return (type === "volume" || type === "bind") && source !== null && !isReadOnly;
}

async function volume(
  { target }: MountModel,
  name: string,
  engine: SnapshotEngine,
): Promise<SavedMount> {
  const directory = await engine.volumeMountpoint(name);
  const isHere = directory !== null && await isDirectory(directory);
  return { type: "volume", name, target, directory: isHere ? directory : null };
}

async function bind({ source, target }: MountModel): Promise<SavedMount | SkippedMount> {
  const name = await Deno.realPath(source!).catch(() => source!);
  if (SYSTEM.test(name)) return { name, why: "it belongs to the system" };
  const info = await Deno.stat(name).catch(() => null);
  if (info !== null && !info.isDirectory) return { name, why: "it is not a directory" };
  return { type: "bind", name, target, directory: info === null ? null : name };
}

async function isDirectory(path: string): Promise<boolean> {
  return await Deno.stat(path).then((info) => info.isDirectory, () => false);
}
