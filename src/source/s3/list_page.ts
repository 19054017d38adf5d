import type { BucketObject, BucketPage } from "../bucket/bucket.ts";
import { RegistryError } from "../registry.ts";
import { elements, textOf } from "./xml.ts";

/**
 * Reads an answer to ListObjectsV2.
 *
 * @throws {RegistryError} When it is none.
 */
export function readListPage(xml: string, bucketName: string): BucketPage {
  const [list] = elements(xml, "ListBucketResult");
  if (list === undefined) {
    throw new RegistryError("invalid", `Cannot list ${bucketName}: the answer is no list`);
  }
  const name = textOf(list, "EncodingType") === "url" ? fromUrl : (text: string) => text;
  const isCut = textOf(list, "IsTruncated") === "true";
  const next = textOf(list, "NextContinuationToken");
  if (isCut && !next) {
    throw new RegistryError("invalid", `Cannot list ${bucketName}: a list breaks off`);
  }
  return {
    objects: [...elements(list, "Contents")].map((each) => toObject(each, name)),
    folders: [...elements(list, "CommonPrefixes")].map((each) =>
      name(textOf(each, "Prefix") ?? "")
    ),
    next: isCut ? next : null,
  };
}

function toObject(xml: string, name: (text: string) => string): BucketObject {
  const size = Number(textOf(xml, "Size") ?? NaN);
  const modifiedAt = Date.parse(textOf(xml, "LastModified") ?? "");
  return {
    key: name(textOf(xml, "Key") ?? ""),
    size: Number.isSafeInteger(size) ? size : null,
    modifiedAt: Number.isNaN(modifiedAt) ? null : modifiedAt,
  };
}

/** Some servers encode keys unasked. */
function fromUrl(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}
