import { systemClock, withDeadline } from "../platform/clock.ts";
import { nameOf } from "../platform/paths.ts";
import { ArtifactRefusedError } from "./refused.ts";

/** What the bundle of FILE may be called, after its name; the first that is there counts. */
export const COSIGN_BUNDLE_SUFFIXES = [
  ".sigstore.json",
  ".sigstore",
  ".cosign.bundle",
  ".bundle",
] as const;

/** A signature without a bundle; it tells nothing of who signed, so it needs a key. */
const BARE_SUFFIX = ".sig";

const TIMEOUT_MS = 60_000;
const SHOWN_CHARACTERS = 400;

/** Who must have signed: the holder of a key, or exactly somebody whom an issuer knows by a name. */
export type CosignSigner =
  | { readonly key: string }
  | { readonly identity: string; readonly issuer: string };

/** The signer of one release: `{{tag}}` in an identity is its tag, as in the ref of a workflow. */
export function signerOf(tag: string, signer: CosignSigner): CosignSigner {
  if ("key" in signer) return signer;
  return { ...signer, identity: signer.identity.replaceAll("{{tag}}", () => tag) };
}

/** A file that holds a signature: in a bundle, or bare. */
export interface CosignSignature {
  /** Its name, or its path. */
  readonly file: string;
  readonly isBundle: boolean;
}

/** How {@linkcode verifyCosign} goes about it. */
export interface CosignOptions {
  readonly signer: CosignSigner;
  /** The program. */
  readonly program: string;
  /** All that the program sees of the environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Which file of a release has the signature of `asset`; null: none has. */
export function findCosignSignature(
  asset: string,
  names: readonly string[],
  signer: CosignSigner,
): CosignSignature | null {
  const bundle = COSIGN_BUNDLE_SUFFIXES.map((suffix) => asset + suffix)
    .find((name) => names.includes(name));
  if (bundle !== undefined) return { file: bundle, isBundle: true };
  const bare = asset + BARE_SUFFIX;
  return "key" in signer && names.includes(bare) ? { file: bare, isBundle: false } : null;
}

/**
 * Checks a file against its signature by means of the program `cosign`.
 *
 * @throws {ArtifactRefusedError} When cosign refuses it.
 * @throws {Error} When cosign is not installed, or does not end within a minute.
 */
export async function verifyCosign(
  path: string,
  { file, isBundle }: CosignSignature,
  options: CosignOptions,
): Promise<void> {
  const by = isBundle ? "--bundle" : "--signature";
  const args = ["verify-blob", by, file, ...signerArgs(options.signer), path];
  await check(nameOf(path), args, options);
}

/**
 * Checks the signature of an image, which is in its registry, by means of the program `cosign`. That
 * program logs in as `docker` does.
 *
 * @param reference With a digest: a tag may be something else by the time it is run.
 * @throws {ArtifactRefusedError} When cosign refuses it.
 * @throws {Error} When cosign is not installed, or does not end within a minute.
 */
export async function verifyCosignImage(reference: string, options: CosignOptions): Promise<void> {
  await check(reference, ["verify", ...signerArgs(options.signer), reference], options);
}

async function check(
  what: string,
  args: string[],
  { signal, program, env }: CosignOptions,
): Promise<void> {
  let ended: Promise<unknown> = Promise.resolve();
  const output = await withDeadline(systemClock, TIMEOUT_MS, signal, (ending) => {
    const running = run(program, { args, env, signal: ending });
    ended = running.catch(() => {});
    return running;
  }).finally(() => ended);
  if (output === "timed_out" || output.signal !== null) {
    throw new Error(`Cannot check ${what}: cosign did not come to an end`);
  }
  if (output.success) return;
  const detail = new TextDecoder().decode(output.stderr).trim().slice(-SHOWN_CHARACTERS);
  throw new ArtifactRefusedError("signature", `Cannot use ${what}: cosign says: ${detail}`);
}

async function run(
  program: string,
  options: Pick<Deno.CommandOptions, "args" | "env" | "signal">,
): Promise<Deno.CommandOutput> {
  try {
    const command = new Deno.Command(program, { ...options, clearEnv: true, stdin: "null" });
    return await command.output();
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
