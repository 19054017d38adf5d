/** What a checksum file of one asset is called, after the asset's name. */
const OWN_SUFFIXES = [".sha256", ".sha256sum", ".sha256.txt", ".sha256sums"];

/** What one for a whole release is called, in lower case. */
const COMMON_NAMES = [
  "sha256sums",
  "sha256sums.txt",
  "checksums.txt",
  "checksums.sha256",
  "checksums_sha256.txt",
];

const COMMON_SUFFIX = "_checksums.txt";

/** A file that may have the checksum of an asset. */
export interface ChecksumFile {
  readonly name: string;
  /** It belongs to the asset alone: it need not name it. */
  readonly isOwn: boolean;
}

/**
 * Which files of a release may have the checksum of `asset`, most likely first. Upper and lower case
 * are the same.
 *
 * @param names All files of the release.
 */
export function checksumFiles(asset: string, names: Iterable<string>): ChecksumFile[] {
  const all = [...names].toSorted();
  const called = (wanted: string) => all.filter((name) => name.toLowerCase() === wanted);
  const lower = asset.toLowerCase();
  const own = OWN_SUFFIXES.flatMap((suffix) => called(lower + suffix));
  const common = COMMON_NAMES.flatMap(called);
  const others = all.filter((name) => name.toLowerCase().endsWith(COMMON_SUFFIX));
  return [
    ...own.map((name) => ({ name, isOwn: true })),
    ...[...common, ...others].map((name) => ({ name, isOwn: false })),
  ];
}
