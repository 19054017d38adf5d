import type { VersionedBucket } from "../bucket/bucket.ts";
import { neverLost, Renewed } from "../renewed.ts";
import { findToken } from "./find_token.ts";
import { GcsBucket } from "./gcs_bucket.ts";

const PUBLIC_API = "https://storage.googleapis.com";

type Env = Readonly<Record<string, string>>;

/**
 * A bucket of Google's, with what the environment says: `GS_ACCESS_KEY_ID` and
 * `GS_SECRET_ACCESS_KEY` (an HMAC key) unless `GOOGLE_APPLICATION_CREDENTIALS` names a file, else who
 * Google's own tools would ask as; `STORAGE_EMULATOR_HOST` for a server in Google's place.
 *
 * @param date Milliseconds since 1970.
 * @throws {Error} When it makes no sense; the message names the variable.
 */
export async function openGcs(
  bucket: string,
  env: Env,
  date: () => number,
): Promise<VersionedBucket> {
  const apiUrl = apiUrlOf(env);
  const withKey = await bucketWithKey(bucket, apiUrl, env, date);
  const find = neverLost(
    (signal) => findToken(env, date, signal),
    ({ text }) => text !== null,
  );
  const token = new Renewed(find, date);
  return withKey ?? new GcsBucket({ name: `the bucket ${bucket}`, bucket, apiUrl, token });
}

/** With an HMAC key, Google speaks the protocol of S3 only. */
async function bucketWithKey(
  bucket: string,
  apiUrl: string,
  env: Env,
  date: () => number,
): Promise<VersionedBucket | null> {
  const { GS_ACCESS_KEY_ID: accessKeyId, GS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  if (!accessKeyId || !secretAccessKey || env.GOOGLE_APPLICATION_CREDENTIALS) return null;
  const { S3Bucket } = await import("../s3/s3_bucket.ts");
  const keys = { accessKeyId, secretAccessKey, sessionToken: null };
  return new S3Bucket({
    name: `the bucket ${bucket}`,
    url: `${apiUrl}/${encodeURIComponent(bucket)}`,
    region: "auto",
    keys: new Renewed(() => Promise.resolve({ keys, endsAt: Infinity }), date),
    date,
  });
}

/** Of a server in Google's place, mostly only the host is given. */
function apiUrlOf({ STORAGE_EMULATOR_HOST: given }: Env): string {
  if (!given) return PUBLIC_API;
  const url = /^https?:\/\//.test(given) ? given : `http://${given}`;
  if (URL.canParse(url)) return url.replace(/\/+$/, "");
  throw new Error(`Cannot ask Google: STORAGE_EMULATOR_HOST=${JSON.stringify(given)} is no URL`);
}
