import { json } from "../answers.ts";
import { Problem } from "../problem.ts";
import { numberOf } from "../query.ts";
import type { Call } from "../route.ts";

/** Answers everything that is known of one roll. */
export function roll(call: Call): Response {
  const id = numberOf(call);
  const details = call.operator.roll(id);
  if (!details) throw new Problem("not_found", `There is no roll ${id}`);
  return json(details);
}
