import { json } from "../answers.ts";
import { readFields } from "../body.ts";
import { versionId } from "../fields.ts";
import { beginJob } from "../jobs/begin.ts";
import { type Job, jobOf } from "../jobs/job.ts";
import { latestRelease } from "../jobs/latest.ts";
import {
  legacyChannel,
  legacyId,
  legacyJob,
  legacyRelease,
  withoutPrefix,
} from "../jobs/legacy.ts";
import { Problem } from "../problem.ts";
import { numberOf } from "../query.ts";
import type { Call } from "../route.ts";
import { MAX_UPDATE_BYTES } from "./orders.ts";

/** So many jobs that page lists. */
const MAX_JOBS = 50;

/** Begins a job. */
export async function legacyUpdate(call: Call): Promise<Response> {
  const { target_tag } = await readFields(call, { target_tag: versionId }, MAX_UPDATE_BYTES);
  const { job, isNew } = await beginJob(call, { target: target_tag, force: false });
  const id = legacyId(job.id);
  const body = { job_id: id, status_url: `/update/${id}`, job: legacyJob(job) };
  return json(body, isNew ? 202 : 200);
}

/** Answers how a job stands. */
export function legacyUpdateStatus(call: Call): Response {
  const id = numberOf({ ...call, params: { id: withoutPrefix(call.params.id ?? "") } });
  const job = jobOf(call.operator, id);
  if (job === null) throw new Problem("not_found", `no such job: ${legacyId(id)}`);
  return json(legacyJob(job));
}

/** Answers the newest version. */
export function legacyLatest({ operator, query }: Call): Response {
  return json(legacyRelease(latestRelease(operator.status(), legacyChannel(query))));
}

/** Answers the newest jobs, the newest first. */
export function legacyHistory(call: Call): Response {
  return json({ jobs: jobs(call).map(legacyJob) });
}

/** Answers whether a job is under way. */
export function legacyStatus(call: Call): Response {
  const all = jobs(call);
  const active = all.find(({ outcome }) => outcome === null) ?? null;
  return json({
    version: call.operator.status().version,
    active_job: active && legacyJob(active),
    recent_jobs_count: all.length,
  });
}

function jobs({ operator }: Call): Job[] {
  return operator.history({ limit: MAX_JOBS })
    .map(({ id }) => jobOf(operator, id))
    .filter((job) => job !== null);
}
