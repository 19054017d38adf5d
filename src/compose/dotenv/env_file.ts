import { createHash } from "node:crypto";
import { EnvSyntaxError } from "./statement.ts";

/** More than any list of variables has. */
const MAX_BYTES = 1024 * 1024;

/** A file as it was when it was read. */
export interface EnvFile {
  /** As it was named. */
  readonly path: string;
  /** Where it really is: symbolic links are followed, never replaced. */
  readonly realPath: string;
  /** Null: there is no file. */
  readonly bytes: Uint8Array<ArrayBuffer> | null;
  /** The permissions. */
  readonly mode: number;
  readonly uid: number | null;
  readonly gid: number | null;
}

/** A file that we make holds secrets, more often than not. */
const NEW_MODE = 0o600;

/**
 * Reads a file, or sees that there is none.
 *
 * @throws {Error} When there is something that is no regular file, or that cannot be read.
 */
export async function readEnvFile(path: string): Promise<EnvFile> {
  try {
    const realPath = await Deno.realPath(path);
    const { isFile, mode, uid, gid, size } = await Deno.stat(realPath);
    if (!isFile) throw new Error("it is not a regular file");
    if (size > MAX_BYTES) throw new Error(`it has ${size} bytes, and ${MAX_BYTES} are possible`);
    const bytes = await Deno.readFile(realPath);
    return { path, realPath, bytes, mode: (mode ?? NEW_MODE) & 0o7777, uid, gid };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return await missing(path);
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot read the environment file ${path}: ${why}`, { cause: error });
  }
}

/**
 * What is written in it.
 *
 * @throws {EnvSyntaxError} When it is not UTF-8.
 */
export function textOf({ path, bytes }: EnvFile): string {
  try {
    // The byte order mark is a part of the text here: it has to stay.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes ?? undefined);
  } catch (cause) {
    const message = `Cannot read the environment file ${path}: it is not UTF-8; convert it`;
    throw new EnvSyntaxError(message, { cause });
  }
}

/** Tells one content from another; null stands for no file. */
export function contentDigest(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : createHash("sha256").update(bytes).digest("hex");
}

/** @throws {Error} When a link leads nowhere, or there is no directory for it. */
async function missing(path: string): Promise<EnvFile> {
  const isLink = await Deno.lstat(path).then(({ isSymlink }) => isSymlink, () => false);
  if (isLink) {
    throw new Error(`Cannot read the environment file ${path}: it is a link that leads nowhere`);
  }
  const slash = path.lastIndexOf("/");
  const directory = slash === -1 ? "." : path.slice(0, slash) || "/";
  try {
    const name = path.slice(slash + 1);
    const realPath = `${(await Deno.realPath(directory)).replace(/\/$/, "")}/${name}`;
    return { path, realPath, bytes: null, mode: NEW_MODE, uid: null, gid: null };
  } catch (cause) {
    throw new Error(`Cannot use the environment file ${path}: there is no ${directory}`, { cause });
  }
}
