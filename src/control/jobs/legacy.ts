import type { LatestRelease } from "./latest.ts";
import type { Job } from "./job.ts";
import { json } from "../answers.ts";
import { imageVersion } from "./image_version.ts";
import { type Problem, PROBLEM_STATUS } from "../problem.ts";

/*
 * The words of the updater of ProcessGit, so that its admin page works unchanged. Nothing else is
 * different: these are the same jobs.
 */

/** What ids of jobs begin with there. */
const PREFIX = "job_";

/** A job as that page reads it. */
export function legacyJob(job: Job) {
  const { id, state, target, previous, started_at, completed_at, steps, error } = job;
  const { tag, digest } = imageVersion(target);
  return {
    id: legacyId(id),
    state,
    target_tag: tag,
    target_version: tag.replace(/^v(?=\d)/, ""),
    ...(digest === null ? {} : { target_digest: digest }),
    ...(previous === null ? {} : { previous_image: previous }),
    started_at,
    updated_at: completed_at ?? steps.at(-1)?.completed_at ?? started_at,
    ...(completed_at === null ? {} : { completed_at }),
    steps: steps.map(({ phase, state, started_at, completed_at, outcome }) => ({
      state,
      started_at,
      completed_at,
      output: phase,
      ...(outcome === "succeeded" ? {} : { error: outcome }),
    })),
    ...(error === null ? {} : { error: errorOf(job, error) }),
  };
}

/** `17` is `job_17` there. */
export function legacyId(id: number): string {
  return `${PREFIX}${id}`;
}

/** The number in `job_17`, or `17`, as text. */
export function withoutPrefix(id: string): string {
  return id.startsWith(PREFIX) ? id.slice(PREFIX.length) : id;
}

/** The newest version as that page reads it; what nobody told us is missing. */
export function legacyRelease({ version, prerelease, at }: LatestRelease) {
  const { tag } = imageVersion(version);
  return { tag, name: tag, prerelease, html_url: "", published_at: at };
}

/** Any word but `stable` asks for pre-releases, too. */
export function legacyChannel(query: URLSearchParams): "stable" | "any" {
  return (query.get("channel") || "stable") === "stable" ? "stable" : "any";
}

/** What went wrong, in its shape. */
export function legacyRefusal(problem: Problem): Response {
  const code = PROBLEM_STATUS[problem.code];
  const answer = json({ error: problem.message, code }, code);
  for (const [name, value] of problem.response().headers) {
    if (name !== "content-type") answer.headers.set(name, value);
  }
  return answer;
}

function errorOf({ outcome }: Job, error: string): string {
  return outcome === null ? error : `${error} (${outcome})`;
}
