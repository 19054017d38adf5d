/** What an artifact in a store is made of. */
export interface Manifest {
  /** In bytes. */
  readonly size: number;
  /** Of the whole, in hexadecimal digits. */
  readonly sha256: string;
  /** Size of every piece but the last. */
  readonly pieceBytes: number;
  /** SHA-256 of every piece, in hexadecimal digits. */
  readonly pieces: readonly string[];
}

/** The other way round: {@linkcode readManifest}. */
export function writeManifest(manifest: Manifest): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(manifest));
}

/** Null: it is none, or contradicts itself. */
export function readManifest(bytes: Uint8Array): Manifest | null {
  try {
    const { size, sha256, pieceBytes, pieces } = JSON.parse(new TextDecoder().decode(bytes));
    const isGood = Number.isSafeInteger(size) && Number.isSafeInteger(pieceBytes) &&
      size >= 0 && pieceBytes > 0 && isDigest(sha256) && Array.isArray(pieces) &&
      pieces.every(isDigest) && pieces.length === Math.ceil(size / pieceBytes);
    return isGood ? { size, sha256, pieceBytes, pieces } : null;
  } catch {
    return null;
  }
}

/** Where a piece is: pieces of other bytes have other names, even if they are of the same file. */
export function pieceKey(key: string, index: number, sha256: string): string {
  return `${key}.parts/${index}-${sha256.slice(0, 32)}`;
}

/** SHA-256 in hexadecimal digits. */
export async function sha256Of(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

function isDigest(value: unknown): boolean {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
}
