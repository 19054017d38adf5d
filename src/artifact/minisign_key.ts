const KEY_BYTES = 42;
const ALGORITHM = "Ed";

/** A public key of minisign. */
export interface MinisignKey {
  /** Tells keys from one another; eight bytes in hexadecimal digits, as minisign writes them. */
  readonly id: string;
  readonly key: CryptoKey;
}

/**
 * Reads a public key: the line of base64 itself, or the file that `minisign -G` wrote.
 *
 * @throws {TypeError} When it is none.
 */
export async function readMinisignKey(text: string): Promise<MinisignKey> {
  const lines = text.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== "");
  const bytes = fromBase64(lines.at(-1) ?? "");
  const isKey = bytes?.length === KEY_BYTES && String.fromCharCode(...bytes.subarray(0, 2)) ===
      ALGORITHM;
  if (!isKey) throw new TypeError(`Cannot use ${JSON.stringify(text)} as a minisign public key`);
  const key = await crypto.subtle.importKey("raw", bytes.slice(10), "Ed25519", false, ["verify"]);
  return { id: keyId(bytes.subarray(2, 10)), key };
}

/** Eight bytes as minisign shows them: as a number, the last one first. */
export function keyId(bytes: Uint8Array): string {
  return bytes.toReversed().toHex().toUpperCase().replace(/^0+(?=.)/, "");
}

/** Null for what is no base64. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.fromBase64(text);
  } catch {
    return null;
  }
}
