import { json } from "../answers.ts";
import type { Call } from "../route.ts";

/** Answers how many requests there were in the last minutes. */
export function traffic({ operator }: Call): Response {
  return json(operator.traffic());
}
