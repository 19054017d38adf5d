import type { Asset, Release } from "../registry.ts";
import { compareVersions, type Version } from "../version/version.ts";
import type { PassedOverReason } from "./choice.ts";
import { matchAsset } from "./match_asset.ts";
import type { Platform } from "./platform.ts";
import type { Rules } from "./rules.ts";

/** Which releases are wanted, and since when they should be complete. */
export interface Wishes {
  /** Whether pre-releases are wanted, too. */
  readonly preRelease: boolean;
  /** Build metadata that a version must have; null: any or none. */
  readonly slot: string | null;
  readonly platform: Platform;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** For how long after its publication nobody is told that a release lacks its file. */
  readonly graceMs: number;
  /**
   * What is not there although it belongs to the file, in words that follow on "no"; null: nothing.
   * Left out: nothing belongs to it.
   */
  readonly lackOf?: (release: Release, asset: Asset) => string | null;
}

/** A release that will not be chosen. */
export interface Judged {
  readonly release: Release;
  readonly version: Version;
  /** Its file, if that was looked for and found; something else is missing then. */
  readonly asset: Asset | null;
  /** What that is; null: nothing, or the file itself. */
  readonly lack: string | null;
  readonly why: PassedOverReason;
}

/** The newest release that is wanted and complete. */
export interface Best {
  readonly release: Release;
  readonly version: Version;
  readonly asset: Asset;
}

/** What is left when everything was looked at. */
export interface Ranking {
  /** null: no release is wanted and complete. */
  readonly best: Best | null;
  /** What comes before the best, and then what is its equal. */
  readonly passedOver: readonly Judged[];
}

interface Entry {
  readonly release: Release;
  readonly version: Version;
}

/** Finds the newest release that is wanted and complete, and says why it was not a newer one. */
export function rankReleases(
  releases: readonly Release[],
  { rules, wishes }: { rules: Rules; wishes: Wishes },
): Ranking {
  const entries = readVersions(releases, rules);
  const passedOver: Judged[] = [];
  for (const [at, entry] of entries.entries()) {
    const unwanted = whyUnwanted(entry.version, { rules, wishes });
    // Names are only read as far down as needed: there can be hundreds of releases.
    const asset = unwanted === null ? findAsset(entry.release, { rules, wishes }) : null;
    const lack = asset === null ? null : wishes.lackOf?.(entry.release, asset) ?? null;
    if (asset !== null && lack === null) {
      const ties = tiesOf(entry, entries.slice(at + 1), { rules, wishes });
      return { best: { ...entry, asset }, passedOver: [...passedOver, ...ties] };
    }
    const why = unwanted ?? whyIncomplete(entry.release, wishes);
    passedOver.push({ ...entry, asset, lack, why });
  }
  return { best: null, passedOver };
}

/** The newest first; equals in the order of the listing. */
function readVersions(releases: readonly Release[], { readVersion }: Rules): Entry[] {
  return releases.flatMap((release) => {
    const version = readVersion(release.tag);
    return version === null ? [] : [{ release, version }];
  }).sort((a, b) => compareVersions(b.version, a.version));
}

function whyUnwanted(
  version: Version,
  { rules, wishes }: { rules: Rules; wishes: Wishes },
): "pre_release" | "other_slot" | "out_of_range" | null {
  if (version.pre.length > 0 && !wishes.preRelease) return "pre_release";
  if (wishes.slot !== null && version.build !== wishes.slot) return "other_slot";
  return rules.isInRange(version) ? null : "out_of_range";
}

function findAsset(
  release: Release,
  { rules, wishes }: { rules: Rules; wishes: Wishes },
): Asset | null {
  const { artifact } = rules;
  return matchAsset(release.assets, { tag: release.tag, platform: wishes.platform, artifact });
}

function whyIncomplete(
  { publishedAt }: Release,
  { now, graceMs }: Wishes,
): "publishing" | "incomplete" {
  // A date in the far future must not silence the problem until then.
  const isYoung = publishedAt !== null && Math.abs(now - publishedAt) < graceMs;
  return isYoung ? "publishing" : "incomplete";
}

function tiesOf(
  best: Entry,
  others: readonly Entry[],
  by: { rules: Rules; wishes: Wishes },
): Judged[] {
  return others
    .filter(({ version }) => compareVersions(version, best.version) === 0)
    .filter(({ version }) => version.tag !== best.version.tag)
    .map((entry) => ({
      ...entry,
      asset: null,
      lack: null,
      why: whyUnwanted(entry.version, by) ?? "tie",
    }));
}
