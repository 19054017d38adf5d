import { json } from "../answers.ts";
import { readFields } from "../body.ts";
import { flag, optional, versionId } from "../fields.ts";
import { Problem } from "../problem.ts";
import type { Answer } from "../operator.ts";
import type { Call } from "../route.ts";

/** Rolls to the newest version, or to one that is named. */
export async function update(call: Call): Promise<Response> {
  const { id, force } = await readFields(call, { id: optional(versionId), force: flag });
  return answer(await call.operator.order({ kind: "update", id, force, by: "command" }));
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

/** What an order comes to at once. @throws {Problem} When it was refused. */
function answer(answer: Answer): Response {
  if (answer.accepted) return json({ request: answer.request }, 202);
  throw new Problem(answer.reason, answer.detail, { roll: answer.roll });
}
