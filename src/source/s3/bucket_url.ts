/** Where in S3 releases are. */
export interface S3Place {
  readonly region: string;
  readonly bucket: string;
  /** Empty, or with a slash at its end. */
  readonly prefix: string;
  /** Of a server that is not Amazon's; null: the environment may name one. */
  readonly endpoint: string | null;
}

/**
 * The URL of a bucket, without a slash at its end: below an endpoint if there is one, else with a host
 * name of its own at Amazon's.
 *
 * @throws {Error} When it makes no sense; the message names the variable.
 */
export function bucketUrl(
  { region, bucket, endpoint }: S3Place,
  env: Readonly<Record<string, string>>,
): string {
  const given = endpoint ?? (env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL || null);
  if (given !== null) {
    if (/^https?:\/\//.test(given) && URL.canParse(given)) {
      return `${given.replace(/\/+$/, "")}/${encodeURIComponent(bucket)}`;
    }
    throw new Error(`Cannot ask S3: AWS_ENDPOINT_URL=${JSON.stringify(given)} is no URL`);
  }
  if (!/^[\w-]+$/.test(region) || !/^[\w.-]+$/.test(bucket)) {
    throw new Error(`Cannot ask S3: there is no bucket ${JSON.stringify(bucket)} in ${region}`);
  }
  const host = `s3.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
  // A certificate is good for one label only.
  return bucket.includes(".") ? `https://${host}/${bucket}` : `https://${bucket}.${host}`;
}
