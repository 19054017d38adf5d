import type { Release } from "../registry.ts";
import { compareVersions, type Version } from "../version/version.ts";
import type { Choice } from "./choice.ts";
import { explainNothing } from "./explain.ts";
import { type Best, type Judged, rankReleases, type Wishes } from "./ranking.ts";
import { readRules, type RuleTexts } from "./rules.ts";

/** What is wanted, and how things stand. */
export interface ChoiceOptions extends RuleTexts, Omit<Wishes, "graceMs"> {
  /** Tag of what runs; null: nothing does. */
  readonly current: string | null;
  /** Whether an older release than the one that runs may be chosen. */
  readonly allowDowngrade: boolean;
  /** For how long after its publication a release may lack its file; 30 minutes if left out. */
  readonly graceMs?: number;
}

/** What runs, and what may replace it. */
interface Situation {
  /** Its version; null: nothing runs, or it cannot be compared. */
  readonly current: Version | null;
  readonly options: ChoiceOptions;
}

const DEFAULT_GRACE_MS = 30 * 60 * 1000;
const MAX_PASSED_OVER = 20;

/**
 * Chooses the release to deploy: the newest of those that are wanted and complete.
 *
 * What is not wanted (tags that are no versions, pre-releases, other slots, versions out of range)
 * is left out before anything is compared. A release without a file for our platform is passed
 * over: while it is young, that is what publishing looks like; later it is a problem, which
 * `passedOver` tells. Of versions that differ in nothing but their build metadata, the first in the
 * listing is chosen.
 *
 * Never below the version that runs, unless `allowDowngrade` says so, and not even then because a
 * release is just being published. If the tag of what runs is no version by these rules, nothing
 * can be compared with it, and the newest release is chosen.
 *
 * @throws {SyntaxError} When the rules make no sense.
 */
export function chooseRelease(releases: readonly Release[], options: ChoiceOptions): Choice {
  const rules = readRules(options);
  const wishes = { ...options, graceMs: options.graceMs ?? DEFAULT_GRACE_MS };
  const { best, passedOver: judged } = rankReleases(releases, { rules, wishes });
  const passedOver = judged.slice(0, MAX_PASSED_OVER)
    .map((release) => ({ tag: release.release.tag, why: release.why, ...lackIn(release) }));
  const current = options.current === null ? null : rules.readVersion(options.current);
  const situation = { current, options };

  const awaited = judged.find((release) => isAwaited(release, situation));
  if (awaited !== undefined && !isProgress(best, situation)) {
    const until = (awaited.release.publishedAt ?? options.now) + wishes.graceMs;
    const newest = awaited.release.tag;
    return { outcome: "waiting", newest, until, ...lackIn(awaited), passedOver };
  }
  if (best === null) {
    const detail = explainNothing(releases, { judged, options });
    return { outcome: "nothing", detail, passedOver };
  }
  if (current !== null && isDowngrade(best.version, situation)) {
    return {
      outcome: "downgrade_refused",
      newest: best.release.tag,
      current: current.tag,
      passedOver,
    };
  }
  return { outcome: "chosen", ...best, slot: best.version.build, passedOver };
}

function lackIn({ lack }: Judged): { lack?: string } {
  return lack === null ? {} : { lack };
}

/** Whether it will be chosen once it is complete. */
function isAwaited({ why, version }: Judged, situation: Situation): boolean {
  return why === "publishing" && !isDowngrade(version, situation);
}

function isDowngrade(version: Version, { current, options }: Situation): boolean {
  return current !== null && !options.allowDowngrade && compareVersions(version, current) < 0;
}

/** Whether `best` is worth deploying while a newer release is being published. */
function isProgress(best: Best | null, { current, options }: Situation): boolean {
  if (best === null || best.release.tag === options.current) return false;
  return current === null || compareVersions(best.version, current) >= 0;
}
