import type { VersionedBucket } from "../source/bucket/bucket.ts";

/**
 * Whether the server of a bucket does what conditions say. There are some that do not know them and
 * write all the same, which would hand one lease to everybody who wants it.
 *
 * @param key Of an object that is nothing but a probe; it is written once.
 * @throws {RegistryError}
 */
export async function heedsConditions(
  bucket: VersionedBucket,
  key: string,
  signal: AbortSignal,
): Promise<boolean> {
  const bytes = new Uint8Array(0);
  if (await bucket.putIf(key, bytes, bucket.noVersion, signal)) return false;
  // It is there already, or it is from the first time on.
  return !await bucket.putIf(key, bytes, null, signal) ||
    !await bucket.putIf(key, bytes, null, signal);
}
