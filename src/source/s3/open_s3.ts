import { neverLost, Renewed } from "../renewed.ts";
import { bucketUrl, type S3Place } from "./bucket_url.ts";
import { findKeys } from "./find_keys.ts";
import { S3Bucket } from "./s3_bucket.ts";

/**
 * A bucket, with what the environment says: keys as AWS's own tools find them, and
 * `AWS_ENDPOINT_URL`.
 *
 * @param date Milliseconds since 1970.
 * @throws {Error} When it makes no sense; the message names the variable.
 */
export function openS3(
  place: S3Place,
  env: Readonly<Record<string, string>>,
  date: () => number,
): S3Bucket {
  return new S3Bucket({
    name: `the bucket ${place.bucket}`,
    url: bucketUrl(place, env),
    region: place.region,
    keys: new Renewed(
      neverLost((signal) => findKeys(env, date, signal), ({ keys }) => keys !== null),
      date,
    ),
    date,
  });
}
