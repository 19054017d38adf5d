import { json } from "../answers.ts";
import { limitOf } from "../query.ts";
import type { Call } from "../route.ts";

/** Answers the newest rolls, the newest first. */
export function history(call: Call): Response {
  return json(call.operator.history({ limit: limitOf(call, { default: 20, max: 1000 }) }));
}
