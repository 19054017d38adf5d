import type { PhaseName } from "../../roll/journal.ts";

/**
 * How a job can stand; the last three are for ever. There is no `verifying`: what is pulled is
 * verified as it comes, and is not there before.
 */
export const JOB_STATES = [
  "planning",
  "pulling",
  "snapshotting",
  "migrating",
  "swapping",
  "healthchecking",
  "rolling_back",
  "committed",
  "rolled_back",
  "failed",
] as const;

/** One of {@linkcode JOB_STATES}. */
export type JobState = (typeof JOB_STATES)[number];

/** What became of the version before, where a job is over. */
export const JOB_OUTCOMES = [
  "committed",
  /** The version before was never taken out of service. */
  "not touched",
  "restored and healthy",
  "restored, unhealthy",
  /** Neither of the two serves, but another version does. */
  "replaced",
  "not restored: operator needed",
] as const;

/** One of {@linkcode JOB_OUTCOMES}. */
export type JobOutcome = (typeof JOB_OUTCOMES)[number];

/** What a job is doing in a phase of its roll. */
export const STATE_OF_PHASE: Readonly<Record<PhaseName, JobState>> = {
  fetch: "pulling",
  turn: "planning",
  // Nothing has been touched yet, and it may still be refused.
  "before-hook": "planning",
  snapshot: "snapshotting",
  migrate: "migrating",
  port: "swapping",
  start: "swapping",
  gate: "healthchecking",
  exchange: "swapping",
  switch: "swapping",
  // The new version serves from here on, and may still have to prove itself.
  drain: "healthchecking",
  stop: "healthchecking",
  watch: "healthchecking",
  "after-hook": "healthchecking",
  restore: "rolling_back",
};
