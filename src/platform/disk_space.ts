import { statfs } from "node:fs/promises";
import { parentOf } from "./paths.ts";

/** There is no room, now. */
export class DiskFullError extends Error {
  override readonly name = "DiskFullError";
}

/** How {@linkcode requireSpace} measures. */
export interface SpaceOptions {
  /** What has to stay free for others, in bytes. */
  readonly marginBytes: number;
  /** How much of a file system is free to us, in bytes. */
  readonly freeBytes?: (directory: string) => Promise<number>;
}

/** @throws {DiskFullError} When a file of `bytes` more bytes cannot be at `path`. */
export async function requireSpace(
  path: string,
  bytes: number,
  { marginBytes, freeBytes = freeBytesOf }: SpaceOptions,
): Promise<void> {
  const free = await freeBytes(parentOf(path));
  if (bytes + marginBytes <= free) return;
  throw new DiskFullError(
    `Cannot make ${path}: it needs ${bytes} bytes, ${marginBytes} have to stay free, and only ` +
      `${free} are; free space there`,
  );
}

/** How much of a file system is free to us, in bytes. */
export async function freeBytesOf(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}
