import { createHmac } from "node:crypto";

/** HMAC-SHA-256 of `parts` one after the other, in hexadecimal. */
export function hmacOf(secret: string, ...parts: readonly (string | Uint8Array)[]): string {
  const hmac = createHmac("sha256", secret);
  for (const part of parts) hmac.update(part);
  return hmac.digest("hex");
}
