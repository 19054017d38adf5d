import { BucketRegistry } from "../bucket/bucket_registry.ts";
import { openGcs } from "./open_gcs.ts";

/** Where in Google Cloud Storage releases are. */
export interface GcsPlace {
  readonly bucket: string;
  /** Empty, or with a slash at its end. */
  readonly prefix: string;
}

/**
 * A registry in a bucket of Google's, with what the environment says: `GS_ACCESS_KEY_ID` and
 * `GS_SECRET_ACCESS_KEY` (an HMAC key) unless `GOOGLE_APPLICATION_CREDENTIALS` names a file, else who
 * Google's own tools would ask as; `STORAGE_EMULATOR_HOST` for a server in Google's place.
 *
 * @param date Milliseconds since 1970.
 * @throws {Error} When it makes no sense; the message names the variable.
 */
export async function createGcs(
  { bucket, prefix }: GcsPlace,
  env: Readonly<Record<string, string>>,
  date: () => number,
): Promise<BucketRegistry> {
  return new BucketRegistry(await openGcs(bucket, env, date), prefix, date);
}
