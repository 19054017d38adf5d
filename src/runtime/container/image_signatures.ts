import { createHash } from "node:crypto";
import { type CosignOptions, verifyCosignImage } from "../../artifact/cosign.ts";
import { type CosignSigner, signerOf } from "../../artifact/cosign_signer.ts";
import { ArtifactRefusedError } from "../../artifact/refused.ts";
import { readVersion } from "../../image/image_version.ts";
import { writeDurably } from "../../platform/durable.ts";
import { ArtifactError } from "../../roll/effects.ts";

/** More than there are images on a host. */
const KEPT = 1_000;

/** How the signatures of images are checked. */
export interface ImageSignatureOptions {
  readonly cosign: Omit<CosignOptions, "signal">;
  /** Remembers what was checked. */
  readonly path: string;
}

/**
 * Demands that images are signed. What was checked once is known by its digest and needs no registry
 * any more: a crash is healed also while that is down.
 */
export class ImageSignatures {
  readonly #options: ImageSignatureOptions;
  readonly #checked: string[];

  /** Reads what was checked in former lives. */
  static async open(options: ImageSignatureOptions): Promise<ImageSignatures> {
    const text = await Deno.readTextFile(options.path).catch(() => "");
    return new ImageSignatures(options, text.split("\n").filter((line) => line !== ""));
  }

  private constructor(options: ImageSignatureOptions, checked: string[]) {
    this.#options = options;
    this.#checked = checked;
  }

  /**
   * Looks whether the image of a version is signed as it has to be.
   *
   * @param reference The image, by its digest.
   * @throws {ArtifactError} When it is not; a fault of the version only if cosign says so.
   */
  async verify(id: string, reference: string, signal: AbortSignal): Promise<void> {
    const { cosign } = this.#options;
    const { tag, digest, isLocal } = readVersion(id);
    if (isLocal || digest === "") {
      throw new ArtifactError(`image ${reference} is in no registry that has a signature`, true);
    }
    const signer = signerOf(tag, cosign.signer);
    const seal = await sealOf(reference, signer);
    if (this.#checked.includes(seal)) return;
    try {
      await verifyCosignImage(reference, { ...cosign, signer, signal });
    } catch (error) {
      signal.throwIfAborted();
      const message = error instanceof Error ? error.message : String(error);
      throw new ArtifactError(message, error instanceof ArtifactRefusedError, { cause: error });
    }
    await this.#remember(seal);
  }

  async #remember(seal: string): Promise<void> {
    this.#checked.push(seal);
    this.#checked.splice(0, this.#checked.length - KEPT);
    // What cannot be written down is checked again in the next life.
    await writeDurably(this.#options.path, `${this.#checked.join("\n")}\n`).catch(() => {});
  }
}

/** One image, and who had to have signed it: another key makes another one. */
async function sealOf(reference: string, signer: CosignSigner): Promise<string> {
  const who = "key" in signer ? await Deno.readFile(signer.key) : JSON.stringify(signer);
  const digest = createHash("sha256").update(who).update("\0").update(reference).digest("hex");
  return `${digest} ${reference}`;
}
