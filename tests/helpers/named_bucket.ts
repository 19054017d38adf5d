import { parseStoreUrl } from "../../src/config/cache_kind.ts";
import type { S3Target } from "../../src/source/bucket/bucket_places.ts";
import { openS3 } from "../../src/source/s3/open_s3.ts";
import type { S3Bucket } from "../../src/source/s3/s3_bucket.ts";
import { named } from "./named.ts";

/** A bucket of a real server, and a place in it that nobody else uses. */
export interface NamedBucket {
  /** For `--cache` and `--fleet`. */
  readonly url: string;
  readonly target: S3Target;
  /** With the keys of the environment. */
  readonly bucket: S3Bucket;
}

/**
 * Opens a new place in the bucket that was named in `LIVEROLL_TEST_S3`; what is put there stays.
 *
 * @returns Null: none was named.
 * @throws {Error} When it is no bucket in S3.
 */
export function namedBucket(): (() => NamedBucket) | null {
  const text = named("S3");
  return text === null ? null : () => openPlace(text);
}

function openPlace(text: string): NamedBucket {
  const [place = "", query = ""] = text.split(/\?(.*)/s);
  const url = `${place.replace(/\/+$/, "")}/${crypto.randomUUID()}${query && `?${query}`}`;
  const { store } = parseStoreUrl(url, []);
  if (store.kind !== "s3") throw new Error(`Cannot test ${text}: give s3://REGION/BUCKET/PREFIX`);
  return { url, target: store, bucket: openS3(store, Deno.env.toObject(), Date.now) };
}
