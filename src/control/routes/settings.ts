import { json } from "../answers.ts";
import { readFields } from "../body.ts";
import { orNull, text, versionId } from "../fields.ts";
import type { Setting } from "../operator.ts";
import { Problem } from "../problem.ts";
import type { Call, Handler } from "../route.ts";

/** Longest message of maintenance, in characters. */
const MAX_MESSAGE = 1000;

/** A setting that needs no more words. */
export function setting(kind: "pause" | "resume" | "hold" | "release" | "unpin"): Handler {
  return async (call) => {
    await readFields(call, {});
    return await set(call, { kind });
  };
}

/** Requests are answered with a message, or not any more. */
export async function maintenance(call: Call): Promise<Response> {
  const { message } = await readFields(call, { message: orNull(text(MAX_MESSAGE)) });
  return await set(call, { kind: "maintenance", message });
}

/** A version that nobody wants. */
export async function skip(call: Call): Promise<Response> {
  const { id } = await readFields(call, { id: versionId });
  return await set(call, { kind: "skip", id });
}

async function set({ operator }: Call, setting: Setting): Promise<Response> {
  try {
    await operator.set(setting);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Problem("unavailable", `Nothing has changed: ${why}`, { cause });
  }
  return json(operator.status().settings);
}
