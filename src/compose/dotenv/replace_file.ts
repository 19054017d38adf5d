import { syncPath } from "../../platform/durable.ts";
import { parentOf } from "../../platform/paths.ts";
import { writeAll } from "../../platform/write_all.ts";
import { contentDigest, type EnvFile, readEnvFile } from "./env_file.ts";

/** Somebody else has written the file since it was read. */
export class FileChangedError extends Error {
  override readonly name = "FileChangedError";
}

/** How {@linkcode replaceEnvFile} reaches the disk; for tests. */
export interface ReplaceOptions {
  /** Called when the new content is on the disk, beside the old one. */
  readonly onWritten?: () => void | Promise<void>;
}

/**
 * Puts other bytes in the place of those that were read: all or nothing, durably, with the same
 * owner and permissions. Nothing but the file itself is left behind.
 *
 * @param bytes Null removes the file.
 * @throws {FileChangedError} When it is not what was read any more; it stays as it is.
 * @throws {Error} When it cannot be replaced; it stays as it is.
 */
export async function replaceEnvFile(
  file: EnvFile,
  bytes: Uint8Array | null,
  { onWritten }: ReplaceOptions = {},
): Promise<void> {
  const directory = parentOf(file.realPath);
  const temporary = `${directory}/.liveroll-${crypto.randomUUID()}`;
  try {
    if (bytes !== null) await writeBeside(temporary, file, bytes);
    await onWritten?.();
    await requireUnchanged(file);
    await (bytes === null ? Deno.remove(file.realPath) : Deno.rename(temporary, file.realPath));
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    if (error instanceof FileChangedError) throw error;
    throw new Error(`Cannot write ${file.path}: ${explain(error, file)}`, { cause: error });
  }
  await syncPath(directory);
}

async function writeBeside(path: string, { mode, uid, gid }: EnvFile, bytes: Uint8Array) {
  using file = await Deno.open(path, { write: true, createNew: true, mode: 0o600 });
  await writeAll(file, bytes);
  // Whoever may read the old one may read the new one, and nobody else: not even for a moment.
  if (uid !== null && gid !== null) await keepOwner(path, uid, gid);
  await Deno.chmod(path, mode);
  await file.sync();
}

async function keepOwner(path: string, uid: number, gid: number): Promise<void> {
  const { uid: ownUid, gid: ownGid } = await Deno.stat(path);
  if (uid !== ownUid || gid !== ownGid) await Deno.chown(path, uid, gid);
}

async function requireUnchanged(file: EnvFile): Promise<void> {
  const { bytes } = await readEnvFile(file.realPath);
  if (contentDigest(bytes) === contentDigest(file.bytes)) return;
  throw new FileChangedError(`Cannot write ${file.path}: somebody else is changing it right now`);
}

function explain(error: unknown, { path, uid, gid }: EnvFile): string {
  const code = (error as { code?: unknown } | null)?.code;
  if (code === "EBUSY" || code === "EXDEV") {
    return `the file itself is mounted, and such a file cannot be replaced in one step; mount the ` +
      `directory that it is in instead of ${path}`;
  }
  if (code === "EROFS") return "the file system is read-only";
  if (code === "EPERM") return `its owner (${uid}:${gid}) can only be kept by root`;
  return error instanceof Error ? error.message : String(error);
}
