import { json } from "../answers.ts";
import { limitOf } from "../query.ts";
import type { Call } from "../route.ts";

/** Answers the newest decisions, oldest first. */
export function why(call: Call): Response {
  return json(call.operator.decisions({ limit: limitOf(call, { default: 50, max: 1000 }) }));
}
