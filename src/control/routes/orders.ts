import { json } from "../answers.ts";
import { readFields } from "../body.ts";
import { flag, optional, versionId } from "../fields.ts";
import { beginJob } from "../jobs/begin.ts";
import { Problem } from "../problem.ts";
import type { Order } from "../operator.ts";
import type { Call } from "../route.ts";

/** Longest body that asks for an update. */
export const MAX_UPDATE_BYTES = 16 * 1024;

const UPDATE_FIELDS = {
  id: optional(versionId),
  target: optional(versionId),
  force: flag,
  dry_run: flag,
} as const;

/** Rolls to the newest version, or to one that is named; to a `target` as a job. */
export async function update(call: Call): Promise<Response> {
  const asked = await readFields(call, UPDATE_FIELDS, MAX_UPDATE_BYTES);
  const { id, target, force, dry_run } = asked;
  if (target !== null && id !== null) throw oneOfThem();
  if (target === null || dry_run) {
    return await give(call, { kind: "update", id: target ?? id, force, by: "command" }, dry_run);
  }
  const { job, isNew } = await beginJob(call, { target, force });
  return json(job, isNew ? 202 : 200);
}

/** Rolls back to the version before, or to one that is named. */
export async function rollback(call: Call): Promise<Response> {
  const fields = { id: optional(versionId), dry_run: flag };
  const { id, dry_run } = await readFields(call, fields);
  return await give(call, { kind: "rollback", id }, dry_run);
}

/** Forgets all failures and checks now. */
export async function retry(call: Call): Promise<Response> {
  const { dry_run } = await readFields(call, { dry_run: flag });
  return await give(call, { kind: "retry" }, dry_run);
}

/** Rolls to one version and stays there. */
export async function pin(call: Call): Promise<Response> {
  const { id, dry_run } = await readFields(call, { id: versionId, dry_run: flag });
  return await give(call, { kind: "pin", id }, dry_run);
}

function oneOfThem(): Problem {
  const detail = "id and target are both there: target begins a job, id a request; give one";
  return new Problem("bad_request", detail, { field: "target" });
}

/** What an order comes to at once, or would. @throws {Problem} When it was refused. */
async function give({ operator }: Call, order: Order, isDry: boolean): Promise<Response> {
  if (isDry) return json(operator.plan(order));
  const answer = await operator.order(order);
  if (answer.accepted) return json({ request: answer.request }, 202);
  throw new Problem(answer.reason, answer.detail, { roll: answer.roll });
}
