import type { Chronicle } from "./chronicle.ts";
import type { RollPlan, RollResult } from "./roll.ts";

/**
 * Writes down what a roll is about to do.
 *
 * @throws {Error} When the plan is strict, and it cannot be made durable: it should not be done then.
 */
export async function intend(
  { strict }: Pick<RollPlan, "strict">,
  chronicle: Chronicle,
  entry: Parameters<Chronicle["intend"]>[0],
): Promise<void> {
  if (strict) await chronicle.intend(entry);
  else await chronicle.note(entry);
}

/** How a roll ends of which something could not be written down. */
export function unwritable(error: unknown): RollResult {
  return { outcome: "unwritable", detail: error instanceof Error ? error.message : String(error) };
}
