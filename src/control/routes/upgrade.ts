import { json } from "../answers.ts";
import { readFields } from "../body.ts";
import { optional, text } from "../fields.ts";
import { Problem } from "../problem.ts";
import type { Call } from "../route.ts";

/** Starts a liveroll that takes the place of this one. */
export async function upgrade(call: Call): Promise<Response> {
  const { binary } = await readFields(call, { binary: optional(text(4096)) });
  const start = await call.operator.upgrade(binary);
  if ("refused" in start) throw new Problem("conflict", start.refused);
  return json(start, 202);
}
