import type { Release } from "./release_store.ts";

/** What stays. */
export interface Retention {
  /** So many distinct versions, the newest ones. */
  readonly keep: number;
  /** These in any case. */
  readonly protectedNames: ReadonlySet<string>;
}

/**
 * Which releases go: failed ones, all but the newest of the same version, and the oldest versions
 * beyond {@linkcode Retention.keep}. What is protected counts as one of those that stay.
 *
 * @param releases Oldest first.
 */
export function releasesToRemove(
  releases: readonly Release[],
  { keep, protectedNames }: Retention,
): Release[] {
  const isProtected = ({ name }: Release) => protectedNames.has(name);
  const kept = new Set(releases.filter(isProtected).map(version));
  const gone: Release[] = [];
  for (const release of releases.toReversed()) {
    if (isProtected(release)) continue;
    const isOneMore = !kept.has(version(release)) && kept.size < keep;
    if (release.outcome === "failed" || !isOneMore) gone.push(release);
    else kept.add(version(release));
  }
  return gone.toReversed();
}

/** A tag that was moved to other bytes is another version. */
function version({ tag, digest }: Release): string {
  return JSON.stringify([tag, digest]);
}
