import { writeDurably } from "../../platform/durable.ts";
import type { SkippedMount } from "./mounts.ts";

/** Of the format; another one is not understood. */
const FORMAT = 1;

/** By whom the bytes were collected. */
export const SNAPSHOT_METHODS = ["host", "command"] as const;

/** One of {@linkcode SNAPSHOT_METHODS}. */
export type SnapshotMethod = typeof SNAPSHOT_METHODS[number];

/** A volume or directory in an archive. */
export interface ArchivedMount {
  readonly type: "volume" | "bind";
  /** The volume as the engine knows it, or the path on the host. */
  readonly name: string;
  /** Where the service finds it. */
  readonly target: string;
  /** What the names of its files begin with, in the archive. */
  readonly member: string;
  /** Of the directory itself: the archive does not have it. */
  readonly owner: DirectoryOwner;
}

/** Whose a directory is. */
export interface DirectoryOwner {
  readonly uid: number;
  readonly gid: number;
  /** The permissions. */
  readonly mode: number;
}

/** How a snapshot is put back by somebody who knows nothing else. */
export interface WayBack {
  /** Socket of the engine whose volumes they are; absent: no engine is needed. */
  readonly engine?: string;
  /** Reads the snapshot from its standard input; absent: it is an archive. */
  readonly command?: string;
  /** Where the command is run. */
  readonly directory?: string;
}

/** What is known of a snapshot, beside its bytes. */
export interface SnapshotManifest {
  readonly format: typeof FORMAT;
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** What ran when it was taken. */
  readonly version: string;
  readonly project: string;
  readonly service: string;
  readonly method: SnapshotMethod;
  /** The name of the file with the bytes, in the same directory. */
  readonly file: string;
  readonly bytes: number;
  /** In hexadecimal digits. */
  readonly sha256: string;
  readonly mounts: readonly ArchivedMount[];
  readonly skipped: readonly SkippedMount[];
  /** The roll that it was taken for; absent: none. */
  readonly roll?: number;
  /** Greater than that of all that were there when it was taken; absent: it is older than those. */
  readonly sequence?: number;
  readonly wayBack?: WayBack;
}

/** As all names in the directory are. */
const NAME = /^[A-Za-z0-9][\w.-]{0,127}$/;

/** @throws {Error} When it cannot be the name of a file. */
export function requireSnapshotId(id: string): void {
  if (NAME.test(id)) return;
  throw new Error(`Cannot use ${JSON.stringify(id)} as the name of a snapshot`);
}

/** Puts a manifest beside the bytes: from now on there is a snapshot. */
export async function writeManifest(directory: string, manifest: Omit<SnapshotManifest, "format">) {
  const text = JSON.stringify({ format: FORMAT, ...manifest }, null, 2);
  await writeDurably(`${directory}/${manifest.id}.json`, `${text}\n`);
}

/**
 * Reads one.
 *
 * @throws {Error} When there is none, or none that can be understood.
 */
export async function readManifest(directory: string, id: string): Promise<SnapshotManifest> {
  requireSnapshotId(id);
  const path = `${directory}/${id}.json`;
  try {
    const value = JSON.parse(await Deno.readTextFile(path));
    if (isManifest(value) && value.id === id) return value;
    throw new Error("it is not the record of a snapshot");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new Error(`Cannot find the snapshot ${id} in ${directory}`, { cause: error });
    }
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot read ${path}: ${why}`, { cause: error });
  }
}

function isManifest(value: unknown): value is SnapshotManifest {
  if (typeof value !== "object" || value === null) return false;
  const { format, method, file, bytes, mounts, skipped, ...rest } = value as SnapshotManifest;
  const { id, createdAt, version, project, service, sha256, roll, sequence, wayBack } = rest;
  const texts = [id, createdAt, version, project, service, sha256, file];
  return format === FORMAT && texts.every((text) => typeof text === "string") &&
    NAME.test(file) && Number.isSafeInteger(bytes) && SNAPSHOT_METHODS.includes(method) &&
    Array.isArray(mounts) && mounts.every(isMount) && Array.isArray(skipped) &&
    [roll, sequence].every((one) => one === undefined || Number.isSafeInteger(one)) &&
    (wayBack === undefined || isWayBack(wayBack));
}

function isWayBack(value: unknown): value is WayBack {
  if (typeof value !== "object" || value === null) return false;
  const { engine, command, directory } = value as WayBack;
  return [engine, command, directory].every((text) =>
    text === undefined || typeof text === "string"
  );
}

function isMount(value: unknown): value is ArchivedMount {
  if (typeof value !== "object" || value === null) return false;
  const { type, name, target, member, owner } = value as ArchivedMount;
  return (type === "volume" || type === "bind") &&
    [name, target, member].every((text) => typeof text === "string" && text !== "") &&
    [owner?.uid, owner?.gid, owner?.mode].every(Number.isSafeInteger);
}
