import { json } from "../answers.ts";
import { readFields } from "../body.ts";
import { flag, optional, versionId } from "../fields.ts";
import { beginJob } from "../jobs/begin.ts";
import { Problem } from "../problem.ts";
import type { Answer } from "../operator.ts";
import type { Call } from "../route.ts";

/** Longest body that asks for an update. */
export const MAX_UPDATE_BYTES = 16 * 1024;

const UPDATE_FIELDS = {
  id: optional(versionId),
  target: optional(versionId),
  force: flag,
} as const;

/** Rolls to the newest version, or to one that is named; to a `target` as a job. */
export async function update(call: Call): Promise<Response> {
  const { id, target, force } = await readFields(call, UPDATE_FIELDS, MAX_UPDATE_BYTES);
  if (target !== null && id !== null) throw oneOfThem();
  if (target === null) {
    return answer(await call.operator.order({ kind: "update", id, force, by: "command" }));
  }
  const { job, isNew } = await beginJob(call, { target, force });
  return json(job, isNew ? 202 : 200);
}

/** Rolls back to the version before, or to one that is named. */
export async function rollback(call: Call): Promise<Response> {
  const { id } = await readFields(call, { id: optional(versionId) });
  return answer(await call.operator.order({ kind: "rollback", id }));
}

/** Forgets all failures and checks now. */
export async function retry(call: Call): Promise<Response> {
  await readFields(call, {});
  return answer(await call.operator.order({ kind: "retry" }));
}

/** Rolls to one version and stays there. */
export async function pin(call: Call): Promise<Response> {
  const { id } = await readFields(call, { id: versionId });
  return answer(await call.operator.order({ kind: "pin", id }));
}

function oneOfThem(): Problem {
  const detail = "id and target are both there: target begins a job, id a request; give one";
  return new Problem("bad_request", detail, { field: "target" });
}

/** What an order comes to at once. @throws {Problem} When it was refused. */
function answer(answer: Answer): Response {
  if (answer.accepted) return json({ request: answer.request }, 202);
  throw new Problem(answer.reason, answer.detail, { roll: answer.roll });
}
