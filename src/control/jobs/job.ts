import type { Operator, RollDetails } from "../operator.ts";
import { endingOf } from "./ending.ts";
import { type JobOutcome, type JobState, STATE_OF_PHASE } from "./words.ts";

/** So many later rolls are looked at to tell what became of one. */
const LATER_ROLLS = 100;

/** One phase of a job. */
export interface JobStep {
  /** Name of the phase. */
  phase: string;
  state: JobState;
  started_at: string;
  completed_at: string;
  outcome: "succeeded" | "failed" | "interrupted";
}

/** An update as a job: one roll, in the words of those who wait for it. */
export interface Job {
  /** Number of the roll. */
  id: number;
  state: JobState;
  status_url: string;
  target: string;
  /** The version that served last; null: none. */
  previous: string | null;
  /** Null while it is under way. */
  outcome: JobOutcome | null;
  started_at: string;
  completed_at: string | null;
  steps: JobStep[];
  /** Why it failed; null: it has not. */
  error: string | null;
}

/** The job with this number; null: there is none. */
export function jobOf(operator: Operator, id: number): Job | null {
  const roll = operator.roll(id);
  if (roll === null) return null;
  const { state, outcome } = standing(operator, roll);
  return {
    id,
    state,
    status_url: `/v1/update/${id}`,
    target: roll.to,
    previous: roll.from,
    outcome,
    started_at: roll.at,
    completed_at: outcome === null ? null : completedAt(roll),
    steps: roll.phases.map(step),
    error: roll.outcome === null || roll.outcome === "succeeded" ? null : roll.detail,
  };
}

/** The roll that has switched, and has not served as long as it has to. */
export function isOnProbation({ outcome, phases }: Pick<RollDetails, "outcome" | "phases">) {
  return outcome === null &&
    phases.some(({ name, outcome }) => name === "switch" && outcome === "succeeded");
}

function standing(
  operator: Operator,
  roll: RollDetails,
): { state: JobState; outcome: JobOutcome | null } {
  const status = operator.status();
  if (roll.outcome !== null) {
    const newest = operator.history({ limit: LATER_ROLLS });
    return endingOf(roll, { later: newest.filter(({ id }) => id > roll.id), status });
  }
  if (isOnProbation(roll)) return { state: STATE_OF_PHASE.watch, outcome: null };
  const phase = status.roll?.id === roll.id ? status.roll.phase : null;
  return { state: stateOf(phase), outcome: null };
}

function stateOf(phase: string | null): JobState {
  const states: Readonly<Record<string, JobState>> = STATE_OF_PHASE;
  return (phase === null ? null : states[phase]) ?? "planning";
}

function step({ name, startedAt, durationMs, outcome }: RollDetails["phases"][number]): JobStep {
  const completed_at = later(startedAt, durationMs);
  return { phase: name, state: stateOf(name), started_at: startedAt, completed_at, outcome };
}

function completedAt({ at, durationMs, phases }: RollDetails): string {
  const last = phases.at(-1);
  if (durationMs) return later(at, durationMs);
  return last === undefined ? at : later(last.startedAt, last.durationMs);
}

function later(at: string, ms: number): string {
  return new Date(Date.parse(at) + ms).toISOString();
}
