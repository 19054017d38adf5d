import { withDeadline } from "../../platform/clock.ts";
import type { Operator } from "../operator.ts";
import { Problem } from "../problem.ts";
import type { Call } from "../route.ts";
import { isOnProbation, type Job, jobOf } from "./job.ts";
import { keyOf, Keys } from "./keys.ts";

/** So long a roll may take to begin; after that nobody can be told its number. */
const BEGIN_MS = 8_000;

/** How many rolls are looked through for the one that brought what runs. */
const PAST_ROLLS = 1000;

/** What is asked for. */
export interface Wanted {
  readonly target: string;
  /** Goes over a pause and a pin, also to what runs, and in place of a version that is watched. */
  readonly force: boolean;
}

/** A job, and whether it was begun by this very call. */
export interface Begun {
  readonly job: Job;
  readonly isNew: boolean;
}

/**
 * Begins an update as a job. With the `Idempotency-Key` of an earlier call, or when the target runs
 * already, the answer is the job there was.
 *
 * @throws {Problem} `busy` names the job that is under way.
 */
export async function beginJob(call: Call, wanted: Wanted): Promise<Begun> {
  const { operator, request } = call;
  const key = keyOf(request);
  const keys = Keys.of(operator);
  const known = key === null ? null : keys.find(key, wanted.target);
  if (known !== null) return { job: existing(operator, await known), isNew: false };
  const begun = begin(call, wanted);
  if (key !== null) keys.keep(key, wanted.target, begun.then(({ id }) => id));
  const { id, isNew } = await begun;
  return { job: existing(operator, id), isNew };
}

async function begin(
  call: Call,
  { target, force }: Wanted,
): Promise<{ id: number; isNew: boolean }> {
  const { operator } = call;
  if (!force) refuseWhileWatched(operator);
  const answer = await operator.order({ kind: "update", id: target, force, by: "command" });
  if (!answer.accepted) throw new Problem(answer.reason, answer.detail, { roll: answer.roll });
  const roll = await rollOf(call, answer.request);
  if (roll !== null) return { id: roll, isNew: true };
  return { id: broughtBy(operator, answer.request), isNew: false };
}

/** One job at a time: the newest is not over before its version has served for long enough. */
function refuseWhileWatched(operator: Operator): void {
  const [newest] = operator.history({ limit: 1 });
  if (newest === undefined || !isOnProbation(newest)) return;
  const detail = `roll ${newest.id} is under way: ${newest.to} is watched; force takes its place`;
  throw new Problem("busy", detail, { roll: newest.id });
}

/** The number of the roll that a request led to; null: it led to none. */
async function rollOf({ operator, clock, cut }: Call, request: number): Promise<number | null> {
  const news = { bell: Promise.withResolvers<void>() };
  using _ = operator.onEvent(() => news.bell.resolve());
  const look = async (signal: AbortSignal): Promise<number | null> => {
    for (;;) {
      const state = operator.request(request);
      if (state !== null && state.roll !== null && operator.roll(state.roll) !== null) {
        return state.roll;
      }
      if (state === null || state.outcome !== null || signal.aborted) return null;
      await news.bell.promise;
      news.bell = Promise.withResolvers();
    }
  };
  const roll = await withDeadline(clock, BEGIN_MS, cut, look);
  // What nobody waits for any more must not wait for ever.
  news.bell.resolve();
  if (roll !== "timed_out") return roll;
  const detail = `The update was taken as request ${request}, but has not begun: `;
  throw new Problem("unavailable", `${detail}ask /v1/requests/${request}`);
}

/** The job that brought what runs already. @throws {Problem} When that is not the reason. */
function broughtBy(operator: Operator, request: number): number {
  const state = operator.request(request);
  const past = operator.history({ limit: PAST_ROLLS });
  // The target may be another name of it.
  const runs = operator.status().current?.id;
  const brought = past.find(({ to, outcome }) => to === runs && outcome === "succeeded");
  if (state?.outcome === "unchanged" && brought !== undefined) return brought.id;
  throw new Problem("conflict", state?.detail || "the update has not begun");
}

function existing(operator: Operator, id: number): Job {
  const job = jobOf(operator, id);
  if (job !== null) return job;
  throw new Problem("not_found", `There is no job ${id}, or it was long ago`);
}
