/** Longest tag that is looked at: beyond it, whoever wrote it did not mean a version. */
const MAX_TAG_LENGTH = 256;

const NUMBER = /^\d+$/;

/** What a tag says about its place among others. */
export interface Version {
  /** The tag as it was listed; never spelled anew. */
  readonly tag: string;
  /** What counts most comes first; of any size. */
  readonly numbers: readonly bigint[];
  /** Identifiers of the pre-release; none: it is stable. */
  readonly pre: readonly string[];
  /** Build metadata, which is also the slot; plays no part in the order. */
  readonly build: string | null;
}

/** Reads a tag; null: it is not a version. */
export type VersionReader = (tag: string) => Version | null;

/**
 * Orders versions as SemVer 11 does: numbers first, a pre-release below what it leads to, and its
 * identifiers one by one (numbers as numbers and below words, fewer below more). Missing numbers
 * count as 0, and build metadata does not count at all.
 *
 * @returns Negative, 0 or positive, as `Array.sort` expects it.
 */
export function compareVersions(a: Version, b: Version): number {
  const length = Math.max(a.numbers.length, b.numbers.length);
  for (let i = 0; i < length; i++) {
    const order = compare(a.numbers[i] ?? 0n, b.numbers[i] ?? 0n);
    if (order !== 0) return order;
  }
  return comparePreReleases(a.pre, b.pre);
}

/** Reads the tail of a version that has been taken apart; a tag too long is no version. */
export function toVersion(
  tag: string,
  parts: { numbers: readonly string[]; pre: string | undefined; build: string | undefined },
): Version | null {
  if (tag.length > MAX_TAG_LENGTH) return null;
  return {
    tag,
    numbers: parts.numbers.map(BigInt),
    pre: parts.pre?.split(".") ?? [],
    build: parts.build ?? null,
  };
}

function comparePreReleases(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return compare(b.length, a.length);
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = compareIdentifiers(a[i]!, b[i]!);
    if (order !== 0) return order;
  }
  return compare(a.length, b.length);
}

function compareIdentifiers(a: string, b: string): number {
  const [aIsNumber, bIsNumber] = [NUMBER.test(a), NUMBER.test(b)];
  if (aIsNumber && bIsNumber) return compare(BigInt(a), BigInt(b));
  if (aIsNumber !== bIsNumber) return aIsNumber ? -1 : 1;
  return compare(a, b);
}

function compare<T extends string | number | bigint>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
