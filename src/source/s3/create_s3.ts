import { BucketRegistry } from "../bucket/bucket_registry.ts";
import type { S3Place } from "./bucket_url.ts";
import { openS3 } from "./open_s3.ts";

/**
 * A registry in a bucket, with what the environment says: keys as AWS's own tools find them, and
 * `AWS_ENDPOINT_URL`.
 *
 * @param date Milliseconds since 1970.
 * @throws {Error} When it makes no sense; the message names the variable.
 */
export function createS3(
  place: S3Place,
  env: Readonly<Record<string, string>>,
  date: () => number,
): BucketRegistry {
  return new BucketRegistry(openS3(place, env, date), place.prefix, date);
}
