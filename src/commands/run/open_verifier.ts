import type { CosignOptions } from "../../artifact/cosign.ts";
import { type MinisignKey, readMinisignKey } from "../../artifact/minisign_key.ts";
import { Verifier } from "../../artifact/verifier.ts";
import type { ReleaseOptions } from "../../config/config.ts";
import { OPTION_VARIABLES } from "../../config/environment.ts";
import { childEnvironment } from "../../platform/environment.ts";
import { findProgram } from "../../platform/find_program.ts";

type Demands = Pick<ReleaseOptions, "verifyChecksum" | "minisignKey" | "cosignSigner">;

/**
 * What demands checksums and signatures as the configuration says.
 *
 * @throws {Error} When it could never come true: a key or the program cosign is not there.
 */
export async function openVerifier(
  { verifyChecksum, minisignKey, cosignSigner }: Demands,
  env: Readonly<Record<string, string>>,
): Promise<Verifier> {
  return new Verifier({
    verifyChecksum,
    minisignKey: await readKey(minisignKey),
    cosign: await openCosign(cosignSigner, env),
  });
}

async function readKey(path: string | null): Promise<MinisignKey | null> {
  if (path === null) return null;
  try {
    return await readMinisignKey(await Deno.readTextFile(path));
  } catch (cause) {
    throw unusable("minisign-key", path, cause);
  }
}

/**
 * Finds what checks signatures of `signer`; null: nobody asks for them.
 *
 * @throws {Error} When it could never come true: the key or the program cosign is not there.
 */
export async function openCosign(
  signer: Demands["cosignSigner"],
  env: Readonly<Record<string, string>>,
): Promise<Omit<CosignOptions, "signal"> | null> {
  if (signer === null) return null;
  if ("key" in signer) await requireFile(signer.key);
  const program = await findProgram("cosign", env.PATH);
  if (program === null) {
    const flag = "key" in signer ? "cosign-key" : "cosign-identity";
    throw new Error(`Cannot use --${flag}: the program cosign is not on PATH, install it`);
  }
  const own = childEnvironment(env, { omit: OPTION_VARIABLES });
  return { signer, program, env: own };
}

/** For cosign itself, a key may also be a URL or a name in some safe. */
async function requireFile(path: string): Promise<void> {
  try {
    (await Deno.open(path)).close();
  } catch (cause) {
    throw unusable("cosign-key", path, cause);
  }
}

function unusable(flag: string, path: string, cause: unknown): Error {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new Error(`Cannot use --${flag} ${path}: ${why}`, { cause });
}
