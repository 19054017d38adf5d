/** What a version says of its image. */
export interface ImageVersion {
  /** For people; empty: it has none. */
  readonly tag: string;
  /** `sha256:…`; empty: it names none. */
  readonly digest: string;
  /** The digest is the id of an image on this host. */
  readonly isLocal: boolean;
}

const LOCAL = "local+";

/** Reads what {@linkcode formatVersion} has written. */
export function readVersion(id: string): ImageVersion {
  const at = id.indexOf("@");
  if (at < 0) return { tag: id, digest: "", isLocal: false };
  const rest = id.slice(at + 1);
  const isLocal = rest.startsWith(LOCAL);
  return { tag: id.slice(0, at), digest: isLocal ? rest.slice(LOCAL.length) : rest, isLocal };
}

/** One image as the id of a version: what was tagged, and what exactly that was. */
export function formatVersion({ tag, digest, isLocal }: ImageVersion): string {
  return digest === "" ? tag : `${tag}@${isLocal ? LOCAL : ""}${digest}`;
}
