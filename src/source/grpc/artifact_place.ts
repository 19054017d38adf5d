import { type Asset, RegistryError } from "../registry.ts";
import { type RegistryTarget, registryTarget } from "../registry_target.ts";

/** Where a file lies that a URL names. */
export type ArtifactPlace =
  /** A file of a release that another registry lists. */
  | { readonly target: RegistryTarget; readonly tag: string; readonly name: string }
  /** A file that another registry fetches at once. */
  | { readonly target: RegistryTarget; readonly asset: Asset };

/**
 * Reads the URL of an artifact: `ghr://OWNER/REPO/tag/TAG/FILE`, `s3://REGION/BUCKET/KEY`,
 * `gs://BUCKET/KEY` or `https://HOST/FILE`.
 *
 * @throws {RegistryError} When it is none of them.
 */
export function artifactPlace(url: string): ArtifactPlace {
  const [, scheme = "", path = "", query = ""] = /^([a-z0-9]+):\/\/([^?]*)(.*)$/s.exec(url) ?? [];
  const parts = path.split("/");
  if (scheme === "img") {
    throw invalid(url, "an image is no file, give its repository as --registry img://HOST/REPO");
  }
  if (fileName(url) === "") throw invalid(url, "it names no file");
  switch (scheme) {
    case "ghr":
      return inRelease(url, parts);
    case "s3":
      return inBucket(url, `s3://${parts.slice(0, 2).join("/")}${query}`, parts.slice(2));
    case "gs":
      return inBucket(url, `gs://${parts[0]}${query}`, parts.slice(1));
    case "https":
      return { target: parse(url, url), asset: toAsset(url, url) };
  }
  throw invalid(url, "it is none of ghr://, s3://, gs:// and https://");
}

/** What the file is called that a URL leads to; empty: nothing. */
export function fileName(url: string): string {
  const [path = ""] = url.split(/[?#]/);
  const name = path.replace(/^[a-z0-9]+:\/\/[^/]*/, "").split("/").at(-1) ?? "";
  return name === "." || name === ".." ? "" : name;
}

function inRelease(url: string, parts: readonly string[]): ArtifactPlace {
  const [owner, repo, word, ...rest] = parts;
  const tag = rest.slice(0, -1).join("/");
  if (word !== "tag" || tag === "") throw invalid(url, "it is not ghr://OWNER/REPO/tag/TAG/FILE");
  return { target: parse(`ghr://${owner}/${repo}`, url), tag, name: fileName(url) };
}

function inBucket(url: string, bucket: string, key: readonly string[]): ArtifactPlace {
  return { target: parse(bucket, url), asset: toAsset(url, key.join("/")) };
}

function toAsset(url: string, ref: string): Asset {
  return { name: fileName(url), size: null, ref, sha256: null };
}

function parse(target: string, url: string): RegistryTarget {
  try {
    return registryTarget.parse(target);
  } catch (error) {
    throw invalid(url, error instanceof Error ? error.message : String(error));
  }
}

/** A query may be a signature. */
function invalid(url: string, why: string): RegistryError {
  const shown = JSON.stringify(url.split("?")[0]?.slice(0, 200));
  return new RegistryError("invalid", `Cannot use the artifact ${shown}: ${why}`);
}
