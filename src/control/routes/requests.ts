import { json } from "../answers.ts";
import { Problem } from "../problem.ts";
import { numberOf } from "../query.ts";
import type { Call } from "../route.ts";

/** Answers how an order stands. */
export function request(call: Call): Response {
  const id = numberOf(call);
  const status = call.operator.request(id);
  if (!status) throw new Problem("not_found", `There is no request ${id}, or it was long ago`);
  return json(status);
}
