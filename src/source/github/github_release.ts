import { type Asset, RegistryError, type Release } from "../registry.ts";

/** A release as GitHub lists it. */
export interface GitHubRelease {
  readonly release: Release;
  readonly isDraft: boolean;
  /** Where assets are added. */
  readonly uploadUrl: string;
}

/** Reads one member of the list. @throws {RegistryError} When it is not one. */
export function readRelease(value: unknown): GitHubRelease {
  const { tag_name, draft, published_at, upload_url, assets } = record(value);
  if (typeof tag_name !== "string" || typeof upload_url !== "string") {
    throw new RegistryError("invalid", "GitHub lists a release without a tag");
  }
  const publishedAt = typeof published_at === "string" ? Date.parse(published_at) : NaN;
  const list = Array.isArray(assets) ? assets : [];
  return {
    release: {
      tag: tag_name,
      publishedAt: Number.isNaN(publishedAt) ? null : publishedAt,
      assets: list.flatMap(readAsset),
    },
    isDraft: draft === true,
    // A template: `…/assets{?name,label}`.
    uploadUrl: upload_url.replace(/\{.*$/, ""),
  };
}

/** None while it is still being uploaded. */
function readAsset(value: unknown): Asset[] {
  const { name, size, url, state, digest } = record(value);
  if (typeof name !== "string" || typeof url !== "string") return [];
  if (state !== undefined && state !== "uploaded") return [];
  const sha256 = typeof digest === "string" ? /^sha256:([0-9a-f]{64})$/i.exec(digest)?.[1] : null;
  return [{
    name,
    size: typeof size === "number" ? size : null,
    ref: url,
    sha256: sha256?.toLowerCase() ?? null,
  }];
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
}
