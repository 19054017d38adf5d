import type { CosignSigner } from "./cosign_signer.ts";

/** Nobody is trusted but the holder of the key. */
const NO_ROOTS = JSON.stringify({
  mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
});

/**
 * Whom cosign is told to trust. With a key, that is its holder alone: then neither the transparency
 * log nor roots are asked for, which cosign 2 would fetch from the network, and wait for as long as we
 * wait for cosign.
 */
export class CosignTrust implements AsyncDisposable {
  /** Words for cosign. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** To be removed; null: there is none. */
  readonly #roots: string | null;

  /** @param takesRoots Whether what is verified may be a Sigstore bundle; others take no roots. */
  static async open(signer: CosignSigner, takesRoots: boolean): Promise<CosignTrust> {
    if (!("key" in signer)) return new CosignTrust(byIdentity(signer), {}, null);
    const args = ["--key", signer.key, "--insecure-ignore-tlog"];
    // Whoever names a key of the log wants no roots, and this one is never looked at.
    if (!takesRoots) return new CosignTrust(args, { SIGSTORE_REKOR_PUBLIC_KEY: "unused" }, null);
    const roots = await Deno.makeTempFile({ prefix: "liveroll-cosign-", suffix: ".json" });
    await Deno.writeTextFile(roots, NO_ROOTS);
    return new CosignTrust([...args, "--trusted-root", roots], {}, roots);
  }

  private constructor(
    args: readonly string[],
    env: Readonly<Record<string, string>>,
    roots: string | null,
  ) {
    this.args = args;
    this.env = env;
    this.#roots = roots;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#roots !== null) await Deno.remove(this.#roots).catch(() => {});
  }
}

/** Whether it is a bundle as all clients of Sigstore have it, not one of cosign's own. */
export function isSigstoreBundle(text: string): boolean {
  try {
    return typeof JSON.parse(text)?.mediaType === "string";
  } catch {
    return false;
  }
}

function byIdentity(
  { identity, issuer }: Extract<CosignSigner, { readonly identity: string }>,
): string[] {
  return ["--certificate-identity", identity, "--certificate-oidc-issuer", issuer];
}
