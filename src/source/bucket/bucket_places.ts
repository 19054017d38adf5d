import { quote } from "../../values/kinds.ts";

/** Where in S3 something is. */
export interface S3Target {
  readonly kind: "s3";
  readonly region: string;
  readonly bucket: string;
  /** Empty, or with a slash at its end. */
  readonly prefix: string;
  /** Of a server that is not Amazon's; null: the environment may name one. */
  readonly endpoint: string | null;
}

/** Where in Google Cloud Storage something is. */
export interface GcsTarget {
  readonly kind: "gcs";
  readonly bucket: string;
  /** Empty, or with a slash at its end. */
  readonly prefix: string;
}

/**
 * Reads `REGION/BUCKET/PREFIX`.
 *
 * @param text All that was written, for the message.
 * @throws {SyntaxError}
 */
export function s3Target(
  text: string,
  [region, bucket, ...prefix]: readonly string[],
  endpoint: string | null,
): S3Target {
  if (!region || !bucket) throw new SyntaxError(`${quote(text)} is not s3://REGION/BUCKET/PREFIX`);
  if (endpoint !== null && !URL.canParse(endpoint)) {
    throw new SyntaxError(`endpoint=${quote(endpoint)} is no URL, give https://HOST[:PORT]`);
  }
  return { kind: "s3", region, bucket, prefix: prefixOf(prefix), endpoint };
}

/**
 * Reads `BUCKET/PREFIX`.
 *
 * @param text All that was written, for the message.
 * @throws {SyntaxError}
 */
export function gcsTarget(text: string, [bucket, ...prefix]: readonly string[]): GcsTarget {
  if (!bucket) throw new SyntaxError(`${quote(text)} is not gs://BUCKET/PREFIX`);
  return { kind: "gcs", bucket, prefix: prefixOf(prefix) };
}

/** The parts with a slash after each. */
export function prefixOf(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").map((part) => `${part}/`).join("");
}
