import { type EnvLookup, resetEnv, setEnv } from "./edit.ts";
import { contentDigest, type EnvFile, readEnvFile, textOf } from "./env_file.ts";
import { FileChangedError, replaceEnvFile } from "./replace_file.ts";
import { EnvSyntaxError } from "./statement.ts";

/** So often a file is read anew when somebody else writes it at the same time. */
const TRIES = 5;

/** All that is needed to put a file back; it is written down before the file is touched. */
export interface EnvBackup {
  readonly path: string;
  readonly key: string;
  /** The whole file in base64; null: there was none. It may hold secrets. */
  readonly content: string | null;
  readonly mode: number;
  readonly uid: number | null;
  readonly gid: number | null;
  /** The value that counted, as it was written; null: there was none. */
  readonly raw: string | null;
  /** The SHA-256 of the file as we are going to leave it, in hexadecimal digits. */
  readonly written: string;
}

/** A change that is ready to be made. */
export interface EnvChange {
  readonly backup: EnvBackup;
  /** Lines that assign the variable, counted from 1: more than one is worth a warning. */
  readonly before: EnvLookup;
  readonly file: EnvFile;
  readonly text: string;
}

/** How a file was put back: to the last byte, or, for somebody has changed it since, one value. */
export type EnvRestoration = "whole" | "value_only";

/**
 * Finds out what would be changed; nothing is.
 *
 * @throws {Error} When the file, the name or the value is not possible.
 */
export async function planEnvChange(path: string, key: string, value: string): Promise<EnvChange> {
  const file = await readEnvFile(path);
  const { text, before } = inFile(path, () => setEnv(textOf(file), key, value));
  const written = contentDigest(new TextEncoder().encode(text))!;
  const content = file.bytes?.toBase64() ?? null;
  const { mode, uid, gid } = file;
  const backup = { path, key, content, mode, uid, gid, raw: before.raw, written };
  return { backup, before, file, text };
}

/**
 * Makes the change.
 *
 * @throws {FileChangedError} When the file is not as it was planned with; it stays as it is.
 */
export async function applyEnvChange({ file, text }: EnvChange): Promise<void> {
  await replaceEnvFile(file, new TextEncoder().encode(text));
}

/**
 * Puts back what was there: the whole file if it is as we left it (or as it was before, or gone),
 * else only the value, so that what people have changed meanwhile stays.
 *
 * @throws {Error} When it cannot be read or written.
 */
export async function restoreEnv(backup: EnvBackup): Promise<EnvRestoration> {
  for (let tries = 1;; tries++) {
    try {
      return await restoreOnce(backup);
    } catch (error) {
      if (!(error instanceof FileChangedError) || tries >= TRIES) throw error;
    }
  }
}

async function restoreOnce({ path, key, content, raw, written, ...rights }: EnvBackup) {
  const file = await readEnvFile(path);
  const before = content === null ? null : Uint8Array.fromBase64(content);
  const digest = contentDigest(file.bytes);
  if (digest === contentDigest(before)) return "whole";
  if (digest === written || digest === null) {
    await replaceEnvFile({ ...file, ...rights }, before);
    return "whole";
  }
  const text = textOf(file);
  const restored = inFile(path, () => resetEnv(text, key, raw));
  if (restored !== text) await replaceEnvFile(file, new TextEncoder().encode(restored));
  return "value_only";
}

/** Tells which file it is that cannot be read. */
function inFile<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof EnvSyntaxError) || error.message.startsWith("Cannot")) throw error;
    const message = `Cannot read the environment file ${path}: ${error.message}`;
    throw new EnvSyntaxError(message, { cause: error });
  }
}
