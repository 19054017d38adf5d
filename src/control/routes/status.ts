import { json } from "../answers.ts";
import type { Call } from "../route.ts";

/** Answers what runs, and what is going on. */
export function status({ operator }: Call): Response {
  return json(operator.status());
}
