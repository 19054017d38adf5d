import { json } from "../answers.ts";
import { jobOf } from "../jobs/job.ts";
import { channelOf, latestRelease } from "../jobs/latest.ts";
import { Problem } from "../problem.ts";
import { numberOf } from "../query.ts";
import type { Call } from "../route.ts";

/** Answers how an update stands. */
export function job(call: Call): Response {
  const id = numberOf(call);
  const job = jobOf(call.operator, id);
  if (job === null) throw new Problem("not_found", `There is no job ${id}`);
  return json(job);
}

/** Answers the newest version that the source named. */
export function latest({ operator, query }: Call): Response {
  return json(latestRelease(operator.status(), channelOf(query)));
}
