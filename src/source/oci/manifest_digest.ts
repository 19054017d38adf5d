import { readText, withoutQuery } from "../http.ts";
import { RegistryError } from "../registry.ts";

/** What an image may be described by. */
export const MANIFEST_TYPES = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/** As long as registries have to take them. */
const MAX_BYTES = 4 * 1024 * 1024;

/** Asks for a manifest. */
export type AskManifest = (method: "HEAD" | "GET") => Promise<Response>;

/**
 * The digest of a manifest: what the registry says, else what its bytes say. Of the two, only the
 * first costs nothing where pulls are counted.
 *
 * @returns For example `sha256:` and 64 hexadecimal digits.
 * @throws {RegistryError} When what the registry says is no digest, or not that of what it sends.
 */
export async function manifestDigest(askFor: AskManifest): Promise<string> {
  const head = await askFor("HEAD");
  await head.body?.cancel();
  const told = toldDigest(head);
  if (told !== null) return told;
  const response = await askFor("GET");
  const claimed = toldDigest(response);
  const bytes = new TextEncoder().encode(await readText(response, { maxBytes: MAX_BYTES }));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
  if (claimed === null || claimed === `sha256:${hash}`) return `sha256:${hash}`;
  const where = withoutQuery(response.url);
  throw new RegistryError("invalid", `Cannot use ${where}: it is not what its digest says`);
}

function toldDigest({ headers, url }: Response): string | null {
  const digest = headers.get("docker-content-digest");
  if (digest === null || /^sha256:[0-9a-f]{64}$/.test(digest)) return digest;
  throw new RegistryError("invalid", `Cannot use ${withoutQuery(url)}: its digest is no SHA-256`);
}
