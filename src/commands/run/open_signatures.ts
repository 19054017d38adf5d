import type { Config } from "../../config/config.ts";
import { ImageSignatures } from "../../runtime/container/image_signatures.ts";
import { openCosign } from "./open_verifier.ts";

/** Images whose signatures were good, in the state directory. */
const SIGNED_IMAGES = "signed-images";

/**
 * Opens what sees that images are signed.
 *
 * @returns Null: nobody has to sign them.
 * @throws {Error} When `cosign` is not there, or what it needs cannot be read.
 */
export async function openSignatures(
  { releases: { cosignSigner }, stateDir }: Config,
  env: Readonly<Record<string, string>>,
): Promise<ImageSignatures | null> {
  const cosign = await openCosign(cosignSigner, env);
  if (cosign === null) return null;
  return await ImageSignatures.open({ cosign, path: `${stateDir}/${SIGNED_IMAGES}` });
}
