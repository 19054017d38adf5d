import type { Asset, Release } from "../registry.ts";
import type { BucketObject } from "./bucket.ts";

/** Records of what was deployed where; they are no part of what was published. */
const RECORD = /^(?:shipped|failed_to_ship)_to_.*\.txt$/;

/**
 * The release that lies in a folder.
 *
 * @param folder With a slash at its end.
 */
export function bucketRelease(
  tag: string,
  folder: string,
  objects: readonly BucketObject[],
): Release {
  const files = objects.filter(({ key }) => isFile(key.slice(folder.length)));
  const times = files.flatMap(({ modifiedAt }) => modifiedAt === null ? [] : [modifiedAt]);
  return {
    tag,
    // As old as its oldest file: what is added later makes no release younger.
    publishedAt: times.length === 0 ? null : Math.min(...times),
    assets: files.map((object) => toAsset(object, folder)),
  };
}

/** A folder may have an object of its own, without a name. */
function isFile(name: string): boolean {
  return name !== "" && !isStep(name) && !RECORD.test(name);
}

/** No URL can lead to what has such a name. */
export function isStep(name: string): boolean {
  return name === "." || name === "..";
}

function toAsset({ key, size }: BucketObject, folder: string): Asset {
  return { name: key.slice(folder.length), size, ref: key, sha256: null };
}
