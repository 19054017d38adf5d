import { json } from "../answers.ts";
import { readFields } from "../body.ts";
import type { Call } from "../route.ts";

/** Answers where journal and reality differ. */
export async function doctor({ operator }: Call): Promise<Response> {
  return json(await operator.doctor({ fix: false }));
}

/** Mends what can be mended. */
export async function fix(call: Call): Promise<Response> {
  await readFields(call, {});
  return json(await call.operator.doctor({ fix: true }));
}
