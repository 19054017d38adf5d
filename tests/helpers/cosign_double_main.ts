/**
 * A double of `cosign verify-blob --key`, run as a program. It really verifies, and does what version
 * 2.6 does: without `--insecure-ignore-tlog` it looks for an entry in a log, and for a bundle of the
 * new form it wants to know the roots of the log, from the network unless `--trusted-root` names a
 * file. What it does is what the real one does (`cosign_claims.ts`).
 *
 * @module
 */
import { createPublicKey, verify } from "node:crypto";

/** Flags that it knows, and whether a word follows. */
const FLAGS: Readonly<Record<string, boolean>> = {
  "--key": true,
  "--bundle": true,
  "--signature": true,
  "--trusted-root": true,
  "--certificate-identity": true,
  "--certificate-oidc-issuer": true,
  "--insecure-ignore-tlog": false,
};

async function main([command, ...words]: string[]): Promise<void> {
  if (command !== "verify-blob") fail(`unknown command "${command}" for "cosign"`);
  const flags = new Map<string, string>();
  let path = "";
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (!word.startsWith("--")) path = word;
    else if (FLAGS[word] === undefined) fail(`unknown flag: ${word}`);
    else flags.set(word, FLAGS[word] ? words.shift() ?? "" : "");
  }
  const { base64, isNew } = signatureIn(flags);
  await trust(flags, isNew);
  const publicKey = createPublicKey(Deno.readTextFileSync(flags.get("--key") ?? ""));
  const signature = Uint8Array.fromBase64(base64);
  const isGood = verify("sha256", Deno.readFileSync(path), publicKey, signature);
  if (!isGood) fail("invalid signature when validating ASN.1 encoded signature");
  console.error("Verified OK");
}

function signatureIn(flags: ReadonlyMap<string, string>): { base64: string; isNew: boolean } {
  const file = flags.get("--bundle");
  if (file === undefined) {
    return { base64: Deno.readTextFileSync(flags.get("--signature") ?? "").trim(), isNew: false };
  }
  const bundle = JSON.parse(Deno.readTextFileSync(file));
  const isNew = typeof bundle.mediaType === "string";
  return { isNew, base64: isNew ? bundle.messageSignature.signature : bundle.base64Signature };
}

async function trust(flags: ReadonlyMap<string, string>, isNew: boolean): Promise<void> {
  const roots = flags.get("--trusted-root");
  if (roots !== undefined) {
    if (!isNew) fail("--trusted-root only supported with --new-bundle-format");
    const { mediaType } = JSON.parse(Deno.readTextFileSync(roots));
    if (!mediaType.includes("trustedroot")) fail("unsupported TrustedRoot media type");
  } else if (!Deno.env.has("SIGSTORE_REKOR_PUBLIC_KEY")) {
    await askNetwork();
    if (isNew) fail("trusted root is required when using new bundle format");
  }
  if (!flags.has("--insecure-ignore-tlog")) fail("signature not found in transparency log");
}

/** Nobody is there: what cannot be had is gone without, if it is possible at all. */
async function askNetwork(): Promise<void> {
  const { hostname, port } = new URL(Deno.env.get("HTTPS_PROXY") ?? "");
  (await Deno.connect({ hostname, port: Number(port) })).close();
  const question = 'Get "https://tuf-repo-cdn.sigstore.dev/14.root.json": EOF';
  console.error(`WARNING: Could not fetch trusted_root.json from the TUF repository: ${question}`);
}

function fail(why: string): never {
  console.error(`Error: ${why}\nerror during command execution: ${why}`);
  Deno.exit(1);
}

await main(Deno.args).catch((error) => fail(error.message));
