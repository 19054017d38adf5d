import { RegistryError } from "./registry.ts";

/**
 * A token that is signed with an RSA key (RFC 7519, RS256).
 *
 * @param pem PKCS#8 or PKCS#1.
 * @param whose Whose key it is, for the message.
 * @throws {RegistryError} When the key cannot be used; the message holds nothing of it.
 */
export async function signJwt(
  claims: Readonly<Record<string, unknown>>,
  pem: string,
  whose: string,
): Promise<string> {
  const { createPrivateKey, sign } = await import("node:crypto");
  const text = [{ alg: "RS256", typ: "JWT" }, claims].map(encode).join(".");
  try {
    const signature = sign("sha256", new TextEncoder().encode(text), createPrivateKey(pem));
    return `${text}.${toBase64Url(signature)}`;
  } catch {
    throw new RegistryError("unauthorized", `Cannot use the private key of ${whose}`);
  }
}

function encode(value: unknown): string {
  return toBase64Url(new TextEncoder().encode(JSON.stringify(value)));
}

function toBase64Url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}
