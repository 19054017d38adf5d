import { EngineError, EngineUnreachableError } from "../../container/engine/engine_error.ts";
import { OutageError } from "../../roll/effects.ts";

/** What an engine, compose or the kernel says when the host lacks something. */
const HOST_LACKS = new RegExp(
  "no space left on device|disk quota exceeded|too many open files|cannot allocate memory|" +
    "input/output error|port is already allocated|address already in use",
  "i",
);

/** `error` as an outage, if it tells of one: no version is to blame for it. Null: it does not. */
export function asOutage(error: unknown): OutageError | null {
  if (error instanceof OutageError) return error;
  // A call of ours that the engine let wait for too long.
  const isLate = error instanceof DOMException && error.name === "TimeoutError";
  if (isLate) {
    return new OutageError("the container engine did not answer in time", { cause: error });
  }
  if (!(error instanceof Error)) return null;
  const isOutage = error instanceof EngineUnreachableError || HOST_LACKS.test(error.message);
  return isOutage ? new OutageError(error.message, { cause: error }) : null;
}

/** What an engine that does not do its work says, or why it says nothing; null: it is something else. */
export function engineTrouble(error: unknown): string | null {
  if (error instanceof EngineError) return error.message;
  return asOutage(error)?.message ?? null;
}

/** Whether an engine has failed: it says so itself, or says nothing. */
export function isFailure(error: unknown): boolean {
  return error instanceof EngineError ? error.kind === "failed" : asOutage(error) !== null;
}
