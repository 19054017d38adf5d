import type { RollEvent } from "../../src/roll/events.ts";

/** The steps of a roll, in order. */
export const STEPS = ["pull", "id", "start", "gate", "switch", "drain", "stop"] as const;

/** One of {@linkcode STEPS}. */
export type Step = (typeof STEPS)[number];

/** How far a step has come. */
export type Progress = "pending" | "running" | "done" | "failed" | "skipped";

/** One step of a passage; times are those of the events. */
export interface StepState {
  progress: Progress;
  beganAt: number | null;
  endedAt: number | null;
}

/** One version on its way to the front, as far as it came. */
export interface Passage {
  /** Number of the roll. */
  roll: number;
  from: string | null;
  to: string;
  outcome: "rolling" | "serving" | "refused" | "interrupted" | "finished";
  /** Key of the instance whose end is the end of this passage, once it is known. */
  leaving: string | null;
  candidate: string | null;
  steps: Readonly<Record<Step, StepState>>;
}

const PENDING: StepState = { progress: "pending", beganAt: null, endedAt: null };

/** When the check that found a version began, and when its pull ended; null: not seen. */
export interface CheckTimes {
  beganAt: number | null;
  pulledAt: number | null;
}

/** A roll has begun, at the end of a check. */
export function begin(
  { roll, from, to, trigger }: Extract<RollEvent, { type: "roll.started" }>,
  at: number,
  { beganAt, pulledAt }: CheckTimes,
): Passage {
  const wasChecked = trigger !== "crash" && trigger !== "restart";
  const skipped: StepState = { ...PENDING, progress: "skipped" };
  const steps = {
    pull: wasChecked ? done(beganAt, pulledAt ?? at) : skipped,
    id: wasChecked ? done(pulledAt ?? at, at) : skipped,
    start: running(at),
    gate: PENDING,
    switch: PENDING,
    drain: PENDING,
    stop: PENDING,
  };
  return { roll, from, to, outcome: "rolling", leaving: null, candidate: null, steps };
}

/**
 * The passage after one more event; the same one when the event is not about it.
 *
 * @param current Key of the instance that served before the event.
 */
export function advance(
  passage: Passage,
  event: RollEvent,
  at: number,
  current: string | null,
): Passage {
  switch (event.type) {
    case "roll.candidate":
      return { ...move(passage, "start", "gate", at), candidate: event.instance.key };
    case "roll.switched":
      return switched(passage, at, current);
    case "roll.failed":
      return refused(passage, at);
    case "roll.interrupted":
      return { ...refused(passage, at), outcome: "interrupted" };
    case "drained":
      return event.instance.key === passage.leaving ? move(passage, "drain", "stop", at) : passage;
    case "instance.stopped":
      return event.instance.key === passage.leaving ? finish(passage, at) : passage;
    default:
      return passage;
  }
}

function switched(passage: Passage, at: number, current: string | null): Passage {
  const steps = { ...passage.steps };
  steps.gate = end(steps.gate, at);
  steps.switch = done(at, at);
  // A first start, or one after a crash, leaves nobody behind.
  if (current === null) {
    steps.drain = steps.stop = { ...PENDING, progress: "skipped" };
    return { ...passage, steps, outcome: "finished" };
  }
  steps.drain = running(at);
  return { ...passage, steps, outcome: "serving", leaving: current };
}

/** Whatever ran has failed; the candidate, if there is one, is stopped. */
function refused(passage: Passage, at: number): Passage {
  const steps: Record<Step, StepState> = { ...passage.steps };
  for (const step of STEPS) {
    const { progress, beganAt } = steps[step];
    if (progress === "running") steps[step] = { progress: "failed", beganAt, endedAt: at };
    else if (progress === "pending") steps[step] = { ...PENDING, progress: "skipped" };
  }
  const { candidate } = passage;
  if (candidate !== null) steps.stop = running(at);
  return { ...passage, steps, outcome: "refused", leaving: candidate };
}

function finish(passage: Passage, at: number): Passage {
  const steps = { ...passage.steps, stop: end(passage.steps.stop, at) };
  return {
    ...passage,
    steps,
    outcome: passage.outcome === "serving" ? "finished" : passage.outcome,
  };
}

function move(passage: Passage, ended: Step, begun: Step, at: number): Passage {
  const steps = { ...passage.steps, [ended]: end(passage.steps[ended], at), [begun]: running(at) };
  return { ...passage, steps };
}

function running(at: number): StepState {
  return { progress: "running", beganAt: at, endedAt: null };
}

function done(beganAt: number | null, endedAt: number): StepState {
  return { progress: "done", beganAt, endedAt };
}

function end({ beganAt }: StepState, at: number): StepState {
  return done(beganAt, at);
}
