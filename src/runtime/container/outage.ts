import { EngineUnreachableError } from "../../container/engine/engine_error.ts";
import { OutageError } from "../../roll/effects.ts";

/** `error` as an outage, if that is what it tells of; null: the engine has answered. */
export function asOutage(error: unknown): OutageError | null {
  if (error instanceof OutageError) return error;
  // A call of ours that the engine let wait for too long.
  const isLate = error instanceof DOMException && error.name === "TimeoutError";
  if (!isLate && !(error instanceof EngineUnreachableError)) return null;
  const message = isLate ? "the container engine did not answer in time" : error.message;
  return new OutageError(message, { cause: error });
}
