/** Who must have signed: the holder of a key, or exactly somebody whom an issuer knows by a name. */
export type CosignSigner =
  | { readonly key: string }
  | { readonly identity: string; readonly issuer: string };

/** The signer of one release: `{{tag}}` in an identity is its tag, as in the ref of a workflow. */
export function signerOf(tag: string, signer: CosignSigner): CosignSigner {
  if ("key" in signer) return signer;
  return { ...signer, identity: signer.identity.replaceAll("{{tag}}", () => tag) };
}
