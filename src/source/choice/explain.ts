import type { Release } from "../registry.ts";
import type { PassedOverReason } from "./choice.ts";
import { canonical, type Platform } from "./platform.ts";
import type { Judged } from "./ranking.ts";
import type { RuleTexts } from "./rules.ts";

/** What the releases were judged by. */
export interface Criteria extends RuleTexts {
  readonly slot: string | null;
  readonly platform: Platform;
}

const MAX_NAMES = 8;

/** Says why no release could be chosen, and what would help. */
export function explainNothing(
  releases: readonly Release[],
  { judged, options }: { judged: readonly Judged[]; options: Criteria },
): string {
  return `Cannot choose a release: ${reason(releases, judged, options)}`;
}

function reason(
  releases: readonly Release[],
  judged: readonly Judged[],
  options: Criteria,
): string {
  if (releases.length === 0) return "the registry lists none";
  if (judged.length === 0) return noVersions(releases, options);
  const incomplete = judged.find(({ why }) => why === "incomplete" || why === "publishing");
  return incomplete === undefined ? noneWanted(judged, options) : noAsset(incomplete, options);
}

function noVersions(releases: readonly Release[], { calver }: Criteria): string {
  const example = calver ?? "v1.2.3";
  return `no tag is a version like ${example}: ${enumerate(releases.map(({ tag }) => tag))}`;
}

function noneWanted(judged: readonly Judged[], { slot, constraint }: Criteria): string {
  const counted: [PassedOverReason, string][] = [
    ["pre_release", "by pre-release=false"],
    ["other_slot", `by the slot ${quote(slot)}`],
    ["out_of_range", `by the range ${quote(constraint)}`],
  ];
  const parts = counted.flatMap(([reason, words]) => {
    const count = judged.filter(({ why }) => why === reason).length;
    return count === 0 ? [] : [`${count} ${words}`];
  });
  return `every version is left out: ${parts.join(", ")}`;
}

function noAsset({ release, asset, lack }: Judged, { artifact, platform }: Criteria): string {
  if (asset !== null) return `${release.tag} has ${quote(asset.name)}, but no ${lack}`;
  const { os, arch } = platform;
  const wanted = artifact === null
    ? `no file for ${canonical("os", os)}/${canonical("arch", arch)}`
    : `no file ${quote(artifact)}`;
  const names = release.assets.map(({ name }) => name);
  const has = names.length === 0 ? "it has no files" : `its files: ${enumerate(names)}`;
  const advice = artifact === null && names.length > 0 ? "; artifact=NAME picks one" : "";
  return `${release.tag} has ${wanted}, ${has}${advice}`;
}

function enumerate(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMES).map(quote).join(", ");
  const more = names.length - MAX_NAMES;
  return more > 0 ? `${shown} and ${more} more` : shown;
}

function quote(text: string | null): string {
  return JSON.stringify(text);
}
