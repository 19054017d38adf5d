import { createHash } from "node:crypto";
import { readChunks } from "../platform/file_chunks.ts";
import { nameOf } from "../platform/paths.ts";
import { fromBase64, keyId, type MinisignKey } from "./minisign_key.ts";
import { ArtifactRefusedError } from "./refused.ts";

/** The signature of FILE is in `FILE.minisig`. */
export const MINISIGN_SUFFIX = ".minisig";

/** Signatures of the old kind need the whole file in memory. */
const MAX_LEGACY_BYTES = 64 * 1024 * 1024;
const SIGNATURE_BYTES = 64;
const TRUSTED = "trusted comment: ";

/** A signature file, taken apart. */
interface Signature {
  /** `Ed`: of the file itself, `ED`: of its BLAKE2b-512. */
  readonly algorithm: string;
  readonly keyId: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly trustedComment: string;
  /** Of the signature and the trusted comment together. */
  readonly global: Uint8Array<ArrayBuffer>;
}

/**
 * Checks a file against its signature.
 *
 * @returns The trusted comment, which is signed, too.
 * @throws {ArtifactRefusedError} When it is not signed with this key, as it is.
 */
export async function verifyMinisign(
  path: string,
  signatureText: string,
  key: MinisignKey,
): Promise<string> {
  const name = nameOf(path);
  const signature = parseSignature(signatureText, name);
  if (signature.keyId !== key.id) {
    throw refused(name, `it is signed with the key ${signature.keyId}, not with ${key.id}`);
  }
  const message = await signedBytes(path, signature.algorithm);
  if (!await isSigned(key, signature.bytes, message)) {
    throw refused(name, "its minisign signature does not match");
  }
  const comment = new TextEncoder().encode(signature.trustedComment);
  const signed = new Uint8Array([...signature.bytes, ...comment]);
  if (!await isSigned(key, signature.global, signed)) {
    throw refused(name, "the trusted comment of its minisign signature does not match");
  }
  return signature.trustedComment;
}

function parseSignature(text: string, name: string): Signature {
  const [, signatureLine = "", commentLine = "", globalLine = ""] = text.split(/\r?\n/);
  const bytes = fromBase64(signatureLine.trim());
  const global = fromBase64(globalLine.trim());
  const isWhole = bytes?.length === 10 + SIGNATURE_BYTES && global?.length === SIGNATURE_BYTES &&
    commentLine.startsWith(TRUSTED);
  if (!isWhole) throw refused(name, "its minisign signature cannot be read");
  return {
    algorithm: String.fromCharCode(...bytes.subarray(0, 2)),
    keyId: keyId(bytes.subarray(2, 10)),
    bytes: bytes.slice(10),
    trustedComment: commentLine.slice(TRUSTED.length),
    global,
  };
}

async function signedBytes(path: string, algorithm: string): Promise<Uint8Array<ArrayBuffer>> {
  using file = await Deno.open(path);
  if (algorithm === "ED") return await blake2b(file);
  if (algorithm !== "Ed") throw refused(nameOf(path), `its signature has the kind ${algorithm}`);
  const { size } = await file.stat();
  if (size <= MAX_LEGACY_BYTES) return await Deno.readFile(path);
  throw refused(nameOf(path), "it has a minisign signature of the old kind, and over 64 MiB");
}

async function blake2b(file: Deno.FsFile): Promise<Uint8Array<ArrayBuffer>> {
  const hash = createHash("blake2b512");
  for await (const chunk of readChunks(file)) hash.update(chunk);
  return new Uint8Array(hash.digest());
}

async function isSigned(
  { key }: MinisignKey,
  signature: Uint8Array<ArrayBuffer>,
  message: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  return await crypto.subtle.verify("Ed25519", key, signature, message);
}

function refused(name: string, detail: string): ArtifactRefusedError {
  return new ArtifactRefusedError("signature", `Cannot use ${name}: ${detail}`);
}
