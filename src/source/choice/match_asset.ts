import type { Asset } from "../registry.ts";
import type { ArtifactName } from "./artifact_name.ts";
import { type AssetName, readAssetName } from "./asset_name.ts";
import { canonical, type Platform, runnableOn } from "./platform.ts";

/** Which file of a release is wanted. */
export interface AssetWish {
  /** Tag of the release. */
  readonly tag: string;
  readonly platform: Platform;
  /** What the file is called; null: its name says for which platform it is. */
  readonly artifact: ArtifactName | null;
}

/** A file that would do. */
interface Candidate {
  readonly asset: Asset;
  /** The lower, the better; what comes first counts most. */
  readonly rank: readonly number[];
}

/** How well files fit machines with a C library; a file that is not listed does not run. */
const LIBC_RANKS: Readonly<Record<string, ReadonlyMap<AssetName["libc"], number>>> = {
  gnu: new Map([["gnu", 0], [null, 1], ["static", 1], ["musl", 2]]),
  musl: new Map([["musl", 0], ["static", 1], [null, 2]]),
};

/**
 * Finds the file of a release that is meant for a platform.
 *
 * The one that the registry has chosen, if it does that. By name, if one is given: that file, whatever it is. Otherwise by the words in its name, which
 * have to speak of the system and of an architecture that runs there. An archive that can be
 * unpacked is taken first, else an executable as it is, provided that there is no doubt which one.
 * Files that fit equally well: the first in the listing.
 *
 * Never taken: checksums, signatures and lists of contents, packages for a package manager, builds
 * for a level of amd64 that not every machine has, and files that are empty, because their bytes
 * are still on the way.
 *
 * @returns null when the release has no such file, or not yet.
 */
export function matchAsset(assets: readonly Asset[], wish: AssetWish): Asset | null {
  const present = assets.filter((asset) => asset.size !== 0);
  const chosen = present.find(({ isChosen }) => isChosen);
  if (chosen !== undefined) return chosen;
  return wish.artifact === null
    ? byPlatform(present, wish)
    : byPattern(present, wish.artifact(wish));
}

function byPattern(assets: readonly Asset[], patterns: readonly RegExp[]): Asset | null {
  const pattern = patterns.find((pattern) => assets.some(({ name }) => pattern.test(name)));
  return assets.find(({ name }) => pattern?.test(name)) ?? null;
}

function byPlatform(assets: readonly Asset[], { tag, platform }: AssetWish): Asset | null {
  const named = assets.map((asset) => ({ asset, name: readAssetName(asset.name, tag) }));
  const candidatesOf = (kind: AssetName["kind"]) =>
    named.filter(({ name }) => name.kind === kind).flatMap(({ asset, name }): Candidate[] => {
      const rank = rankOf(name, platform);
      return rank === null ? [] : [{ asset, rank }];
    }).sort(compareRanks);
  const [archive] = candidatesOf("archive");
  if (archive !== undefined) return archive.asset;
  const [executable, other] = candidatesOf("executable");
  const isClear = other === undefined || compareRanks(executable!, other) !== 0;
  return isClear ? executable?.asset ?? null : null;
}

/** @returns null when the file does not run on the platform, as far as its name tells. */
function rankOf(name: AssetName, platform: Platform): number[] | null {
  const os = canonical("os", platform.os);
  if (name.os !== os || name.arch === null) return null;
  const arch = runnableOn(platform).indexOf(name.arch);
  const libc = os === "linux" ? LIBC_RANKS[platform.libc ?? "gnu"]?.get(name.libc) : 0;
  if (arch < 0 || libc === undefined) return null;
  return [name.isForDebugging ? 1 : 0, arch, libc];
}

function compareRanks(a: Candidate, b: Candidate): number {
  const at = a.rank.findIndex((rank, i) => rank !== b.rank[i]);
  return at < 0 ? 0 : a.rank[at]! - b.rank[at]!;
}
