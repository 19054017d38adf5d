import { systemClock, withDeadline } from "../platform/clock.ts";
import { nameOf } from "./paths.ts";
import { ArtifactRefusedError } from "./refused.ts";

/** What the bundle of FILE may be called, after its name. */
export const COSIGN_SUFFIXES = [".sigstore.json", ".cosign.bundle", ".bundle"] as const;

const TIMEOUT_MS = 60_000;
const SHOWN_CHARACTERS = 400;

/** Who must have signed: the holder of a key, or somebody whom an issuer knows by a name. */
export type CosignSigner =
  | { readonly key: string }
  | { readonly identity: string; readonly issuer: string };

/** How {@linkcode verifyCosign} goes about it. */
export interface CosignOptions {
  readonly signer: CosignSigner;
  readonly signal?: AbortSignal;
  /** The program. */
  readonly cosign?: string;
}

/**
 * Checks a file against its bundle by means of the program `cosign`.
 *
 * @throws {ArtifactRefusedError} When cosign refuses it.
 * @throws {Error} When cosign is not installed, or does not end within a minute.
 */
export async function verifyCosign(
  path: string,
  bundle: string,
  { signer, signal, cosign = "cosign" }: CosignOptions,
): Promise<void> {
  const args = ["verify-blob", "--bundle", bundle, ...signerArgs(signer), path];
  const output = await withDeadline(
    systemClock,
    TIMEOUT_MS,
    signal ?? new AbortController().signal,
    (ending) => run(cosign, args, ending),
  );
  if (output === "timed_out" || output.signal !== null) {
    throw new Error(`Cannot check ${nameOf(path)}: cosign did not come to an end`);
  }
  if (output.success) return;
  const detail = new TextDecoder().decode(output.stderr).trim().slice(-SHOWN_CHARACTERS);
  throw new ArtifactRefusedError("signature", `Cannot use ${nameOf(path)}: cosign says: ${detail}`);
}

async function run(
  program: string,
  args: string[],
  signal: AbortSignal,
): Promise<Deno.CommandOutput> {
  try {
    return await new Deno.Command(program, { args, stdin: "null", signal }).output();
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    const why = `a signature is required, and the program ${program} is not installed`;
    throw new Error(`Cannot check the signature: ${why}`, { cause });
  }
}

function signerArgs(signer: CosignSigner): string[] {
  if ("key" in signer) return ["--key", signer.key];
  const { identity, issuer } = signer;
  return ["--certificate-identity", identity, "--certificate-oidc-issuer", issuer];
}
