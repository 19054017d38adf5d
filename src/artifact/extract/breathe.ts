import { setImmediate } from "node:timers/promises";

/** How long the event loop may have to wait for us. */
const PATIENCE_MS = 5;

let last = performance.now();

/** Whether others have waited long enough; for loops in which even an `await` would cost too much. */
export function isBreathDue(): boolean {
  return performance.now() - last >= PATIENCE_MS;
}

/**
 * Lets others have a turn, if they have not had one for a while. Decoders work through long runs of
 * bytes that are at hand already, and requests are served by the same thread.
 */
export async function breathe(): Promise<void> {
  if (!isBreathDue()) return;
  await setImmediate();
  last = performance.now();
}
