import type { DataPlace } from "../data_place.ts";
import { COMMAND_INSTEAD } from "./archiver.ts";

/** Nothing of an application: neither saved nor, worse, emptied to be restored. */
const SYSTEM = new RegExp(
  "^/(?:|home(?:/[^/]+)?|media|mnt|opt|root|srv|tmp|var(?:/[^/]+)?" +
    "|(?:bin|boot|dev|etc|lib\\w*|proc|run|sbin|sys|usr)(?:/.*)?)$",
);

/** What is here is gone with the next boot anyway. */
const FLEETING = /^\/(?:dev|proc|run|sys)(?:\/|$)/;

/** Something that is written to. */
export type WrittenPlace = Pick<DataPlace, "kind" | "source" | "target">;

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

/** What there is to save. */
export interface MountSelection {
  readonly saved: readonly SavedMount[];
  readonly skipped: readonly SkippedMount[];
}

/** Finds out what can be saved of places that are written to. */
export async function selectMounts(
  places: readonly WrittenPlace[],
  engine: SnapshotEngine,
): Promise<MountSelection> {
  const saved: SavedMount[] = [];
  const skipped: SkippedMount[] = [];
  for (const place of places) {
    const result = place.kind === "bind" ? await bind(place) : await volume(place, engine);
    if ("why" in result) skipped.push(result);
    else if (!saved.some(({ name }) => name === result.name)) saved.push(result);
  }
  return { saved, skipped };
}

/**
 * Why what was skipped must not be: it would not be put back, and nobody may say that it was.
 *
 * @returns Null: nothing of it matters.
 */
export function whyNotSaved(skipped: readonly SkippedMount[]): string | null {
  const lost = skipped.filter(({ name }) => !FLEETING.test(name));
  if (lost.length === 0) return null;
  const what = lost.map(({ name, why }) => `${name} cannot be copied: ${why}`).join(", ");
  return `${what}; mount it read-only, or ${COMMAND_INSTEAD}`;
}

async function volume(
  { source: name, target }: WrittenPlace,
  engine: SnapshotEngine,
): Promise<SavedMount> {
  const directory = await engine.volumeMountpoint(name);
  const isHere = directory !== null && await isDirectory(directory);
  return { type: "volume", name, target, directory: isHere ? directory : null };
}

async function bind({ source, target }: WrittenPlace): Promise<SavedMount | SkippedMount> {
  const name = await Deno.realPath(source).catch(() => source);
  if (SYSTEM.test(name)) return { name, why: "it belongs to the system" };
  const info = await Deno.stat(name).catch(() => null);
  if (info !== null && !info.isDirectory) return { name, why: "it is not a directory" };
  return { type: "bind", name, target, directory: info === null ? null : name };
}

async function isDirectory(path: string): Promise<boolean> {
  return await Deno.stat(path).then((info) => info.isDirectory, () => false);
}
