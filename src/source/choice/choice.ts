import type { Asset, Release } from "../registry.ts";
import type { Version } from "../version/version.ts";

/** Why a release was not chosen although it is not below the one that was. */
export type PassedOverReason =
  /** A pre-release, and those are not wanted. */
  | "pre_release"
  /** Meant for another slot. */
  | "other_slot"
  /** Outside the range that is wanted. */
  | "out_of_range"
  /** Has no file for us yet, or not all that belongs to it, but is so young that it may come. */
  | "publishing"
  /** Has no file for us or not all that belongs to it, and should have: somebody should know. */
  | "incomplete"
  /** Of the same rank as the chosen one, but listed after it. */
  | "tie";

/** A release that was not chosen. */
export interface PassedOver {
  readonly tag: string;
  readonly why: PassedOverReason;
  /** What it has not, although its file needs it: a checksum, say. Left out: nothing. */
  readonly lack?: string;
}

/** A release to deploy, which may be the one that runs. */
export interface Chosen {
  readonly outcome: "chosen";
  readonly release: Release;
  readonly asset: Asset;
  readonly version: Version;
  /** Build metadata of the version; null: it has none. */
  readonly slot: string | null;
}

/** There is nothing to deploy. */
export interface NothingChosen {
  readonly outcome: "nothing";
  /** Why, and what could be done. */
  readonly detail: string;
}

/** A release is being published; until it is complete, everything stays as it is. */
export interface Waiting {
  readonly outcome: "waiting";
  /** Tag of the release. */
  readonly newest: string;
  /** What is still missing besides its file, as in {@linkcode PassedOver}. */
  readonly lack?: string;
  /** When it should be complete, in milliseconds since 1970. */
  readonly until: number;
}

/** The newest release is older than what runs. */
export interface DowngradeRefused {
  readonly outcome: "downgrade_refused";
  /** Tag of the newest release that could be deployed. */
  readonly newest: string;
  /** Tag of what runs. */
  readonly current: string;
}

/** What comes of the releases that a registry lists. `passedOver`: the newest first. */
export type Choice = (Chosen | NothingChosen | Waiting | DowngradeRefused) & {
  readonly passedOver: readonly PassedOver[];
};
