import type { Asset, Release } from "../source/registry.ts";
import { type ChecksumFiles, type ChecksumPolicy, verifyChecksum } from "./checksum.ts";
import { checksumFiles } from "./checksum_names.ts";
import { type CosignOptions, findCosignSignature, verifyCosign } from "./cosign.ts";
import { signerOf } from "./cosign_signer.ts";
import { MINISIGN_SUFFIX, verifyMinisign } from "./minisign.ts";
import type { MinisignKey } from "./minisign_key.ts";
import { ArtifactRefusedError } from "./refused.ts";

/** The longest signature that is read, in bytes; a bundle has certificates and receipts in it. */
const MAX_SIGNATURE_BYTES = 256 * 1024;

/** Ends the name of a signature that cosign reads from the disk. */
const COSIGN_COPY_SUFFIX = ".cosign";

/** What is demanded of every artifact. */
export interface VerifierOptions {
  readonly verifyChecksum: ChecksumPolicy;
  /** Null: such signatures are not asked for. */
  readonly minisignKey: MinisignKey | null;
  /** Null: such signatures are not asked for. */
  readonly cosign: Omit<CosignOptions, "signal"> | null;
}

/** An artifact that was downloaded. */
export interface VerifierSubject {
  /** Of its release. */
  readonly tag: string;
  readonly asset: Asset;
  readonly path: string;
  /** Of the bytes that came, in hexadecimal digits. */
  readonly sha256: string;
}

/** Demands checksums and signatures of artifacts. */
export class Verifier {
  readonly #options: VerifierOptions;

  constructor(options: VerifierOptions) {
    this.#options = options;
  }

  /** What a release lacks that is demanded for its artifact, in words; null: nothing. */
  lackOf({ assets }: Release, { name, sha256 }: Asset): string | null {
    const { verifyChecksum: policy, minisignKey, cosign } = this.#options;
    // The bytes of an empty file are still on the way.
    const names = assets.filter(({ size }) => size !== 0).map(({ name }) => name);
    if (policy === "required" && sha256 === null && checksumFiles(name, names).length === 0) {
      return `checksum for ${name}`;
    }
    if (minisignKey !== null && !names.includes(name + MINISIGN_SUFFIX)) {
      return `minisign signature for ${name}`;
    }
    if (cosign !== null && findCosignSignature(name, names, cosign.signer) === null) {
      return `cosign signature for ${name}`;
    }
    return null;
  }

  /**
   * Checks an artifact in every way that is demanded.
   *
   * @throws {ArtifactRefusedError} When it is not to be used.
   * @throws When something that is needed for that cannot be had.
   */
  async verify(subject: VerifierSubject, files: ChecksumFiles, signal: AbortSignal): Promise<void> {
    const { asset: { name, sha256: vouchedFor }, sha256 } = subject;
    await verifyChecksum({ name, sha256, vouchedFor }, files, this.#options.verifyChecksum);
    await this.#verifyMinisign(subject, files);
    await this.#verifyCosign(subject, files, signal);
  }

  async #verifyMinisign({ asset, path }: VerifierSubject, files: ChecksumFiles): Promise<void> {
    const { minisignKey } = this.#options;
    if (minisignKey === null) return;
    const signature = asset.name + MINISIGN_SUFFIX;
    if (!files.names.includes(signature)) throw missing("minisign", asset);
    const text = new TextDecoder().decode(await files.read(signature, MAX_SIGNATURE_BYTES));
    await verifyMinisign(path, text, minisignKey);
  }

  async #verifyCosign(
    { tag, asset, path }: VerifierSubject,
    files: ChecksumFiles,
    signal: AbortSignal,
  ): Promise<void> {
    const { cosign } = this.#options;
    if (cosign === null) return;
    const signature = findCosignSignature(asset.name, files.names, cosign.signer);
    if (signature === null) throw missing("cosign", asset);
    const copy = `${path}${COSIGN_COPY_SUFFIX}`;
    try {
      await Deno.writeFile(copy, await files.read(signature.file, MAX_SIGNATURE_BYTES));
      const signer = signerOf(tag, cosign.signer);
      await verifyCosign(path, { ...signature, file: copy }, { ...cosign, signer, signal });
    } finally {
      await Deno.remove(copy).catch(() => {});
    }
  }
}

function missing(kind: string, { name }: Asset): ArtifactRefusedError {
  const detail = `a ${kind} signature is required, and the release has none for it`;
  return new ArtifactRefusedError("signature", `Cannot use ${name}: ${detail}`);
}
