import { AwsV4Signer } from "aws4fetch";
import type { AwsKeys } from "./keys.ts";

/** A request that says who makes it. */
export interface SignedRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What is to be signed, and when and where. */
export interface SignOptions {
  readonly url: string;
  readonly method: string;
  /** All of them are signed. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly region: string;
  /** Milliseconds since 1970. */
  readonly date: number;
}

/** Signs a request to S3 (AWS Signature Version 4). */
export async function sign(keys: AwsKeys, options: SignOptions): Promise<SignedRequest> {
  const { url, method, headers = {}, body = "", region, date } = options;
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const hash = await crypto.subtle.digest("SHA-256", bytes);
  const signer = new AwsV4Signer({
    url,
    method,
    headers: { ...headers, "x-amz-content-sha256": new Uint8Array(hash).toHex() },
    accessKeyId: keys.accessKeyId,
    secretAccessKey: keys.secretAccessKey,
    ...(keys.sessionToken !== null && { sessionToken: keys.sessionToken }),
    service: "s3",
    region,
    datetime: new Date(date).toISOString().replace(/[:-]|\.\d{3}/g, ""),
    allHeaders: true,
  });
  const signed = await signer.sign();
  return { url, method, headers: Object.fromEntries(signed.headers) };
}
