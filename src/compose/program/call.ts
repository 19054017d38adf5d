import { runTool, type ToolCall, type ToolEnd } from "../../platform/run_tool.ts";
import { ComposeError } from "./compose_error.ts";

/** A shell gives this back when there is no such program. */
const NOT_FOUND = 127;

/** One call of compose. */
export interface Call extends ToolCall {
  /** What is done, in one word. */
  readonly action: string;
}

/**
 * Runs compose to its end, whatever that is.
 *
 * @throws {ComposeError} When it did not come to its end by itself.
 * @throws The signal's reason, when it aborts.
 */
export async function call({ action, ...options }: Call): Promise<ToolEnd> {
  const end = await runTool(options);
  if (end.code !== null) return end;
  throw new ComposeError(action, end.outcome, { lastLines: end.lastLines });
}

/**
 * {@linkcode call}, and success or nothing.
 *
 * @throws {ComposeError} When it fails.
 */
export async function callOrThrow(options: Call): Promise<ToolEnd> {
  const end = await call(options);
  const { code, lastLines } = end;
  if (code === NOT_FOUND) throw new ComposeError(options.action, "missing", { lastLines });
  if (code !== 0) throw new ComposeError(options.action, "failed", { code, lastLines });
  return end;
}
