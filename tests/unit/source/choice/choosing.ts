import { type ChoiceOptions, chooseRelease } from "../../../../src/source/choice/choose_release.ts";
import type { Choice } from "../../../../src/source/choice/choice.ts";
import type { Release } from "../../../../src/source/registry.ts";
import { toAssets } from "./asset_lists.ts";

/** When everything is decided. */
export const NOW = Date.UTC(2026, 0, 31, 12);
export const MINUTE = 60_000;

/** A name that fits the platform of `choose()`. */
export const FILE = "app_linux_amd64.tar.gz";

/** A release that was complete a day ago, unless told otherwise. */
export function release(
  tag: string,
  { minutesOld = 24 * 60, names = [FILE] }: {
    minutesOld?: number | null;
    names?: readonly string[];
  } = {},
): Release {
  const publishedAt = minutesOld === null ? null : NOW - minutesOld * MINUTE;
  return { tag, publishedAt, assets: toAssets(names) };
}

/** A release without a file for the platform. */
export function halfPublished(tag: string, minutesOld: number | null): Release {
  return release(tag, { minutesOld, names: ["app_windows_amd64.zip"] });
}

/** Chooses for a Linux machine on which nothing runs, unless told otherwise. */
export function choose(
  releases: readonly (Release | string)[],
  options: Partial<ChoiceOptions> = {},
): Choice {
  const listed = releases.map((item) => typeof item === "string" ? release(item) : item);
  return chooseRelease(listed, {
    calver: null,
    preRelease: false,
    slot: null,
    constraint: null,
    artifact: null,
    platform: { os: "linux", arch: "amd64" },
    current: null,
    allowDowngrade: false,
    now: NOW,
    ...options,
  });
}

/** Tag of the release that is chosen, or how else it ended. */
export function outcome(choice: Choice): string {
  return choice.outcome === "chosen" ? choice.release.tag : choice.outcome;
}
