/** What the id of a version says of an image; of anything else it is all tag. */
export interface ImageVersion {
  readonly tag: string;
  /** `sha256:…`; null: it names none. */
  readonly digest: string | null;
}

/** Takes the id of a version apart: `1.2@sha256:…` is the tag `1.2`, and what it stood for. */
export function imageVersion(id: string): ImageVersion {
  const [, tag = id, digest = null] = /^(.+)@(?:local\+)?(sha256:[0-9a-f]{64})$/.exec(id) ?? [];
  return { tag, digest };
}
