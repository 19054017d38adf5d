import { systemClock, withDeadline } from "../platform/clock.ts";
import { nameOf } from "../platform/paths.ts";
import { cosignFailure } from "./cosign_failure.ts";
import type { CosignSigner } from "./cosign_signer.ts";
import { CosignTrust, isSigstoreBundle } from "./cosign_trust.ts";

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
 * @throws {Error} When cosign is not installed, could not ask whom it had to, or does not end within
 * a minute.
 */
export async function verifyCosign(
  path: string,
  { file, isBundle }: CosignSignature,
  options: CosignOptions,
): Promise<void> {
  await using trust = await CosignTrust.open(options.signer, await isNewBundle(file, isBundle));
  const by = isBundle ? "--bundle" : "--signature";
  const args = ["verify-blob", by, file, ...trust.args, path];
  await check(nameOf(path), args, { ...options, env: { ...options.env, ...trust.env } });
}

/**
 * Checks the signature of an image, which is in its registry, by means of the program `cosign`. That
 * program logs in as `docker` does.
 *
 * @param reference With a digest: a tag may be something else by the time it is run.
 * @throws {ArtifactRefusedError} When cosign refuses it.
 * @throws {Error} When cosign is not installed, could not ask whom it had to, or does not end within
 * a minute.
 */
export async function verifyCosignImage(reference: string, options: CosignOptions): Promise<void> {
  await using trust = await CosignTrust.open(options.signer, true);
  await check(reference, ["verify", ...trust.args, reference], options);
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
  if (!output.success) throw cosignFailure(what, output);
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

async function isNewBundle(file: string, isBundle: boolean): Promise<boolean> {
  return isBundle && isSigstoreBundle(await Deno.readTextFile(file).catch(() => ""));
}
