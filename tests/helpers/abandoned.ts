import { inspect, processesWhere, signal } from "./proc.ts";

/** Holds, in the environment of what tests start, the process id of the tests. */
export const OWNER = "TOY_OWNER";

let hasCleared = false;

/** Tests that were killed could not clean up: what they started goes now, once. */
export function clearAbandoned(): void {
  if (hasCleared) return;
  hasCleared = true;
  const abandoned = processesWhere(({ env: { [OWNER]: owner } }) =>
    owner !== undefined && inspect(Number(owner)) === null
  );
  for (const { pid } of abandoned) signal(pid, "SIGKILL");
}
