import { json } from "../answers.ts";
import { readFields } from "../body.ts";
import type { Call } from "../route.ts";

/** Stops liveroll in order. */
export async function stop(call: Call): Promise<Response> {
  await readFields(call, {});
  call.operator.stop();
  return json({ state: "stopping" }, 202);
}
