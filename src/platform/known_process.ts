import { lookAt, tryToLookAt } from "./proc.ts";

/** A process that cannot be mistaken for another one with the same id. */
export interface KnownProcess {
  readonly pid: number;
  /** See {@linkcode ProcessFacts.birth}. */
  readonly birth: string;
}

/** Those of `pids` that run, the oldest first. */
export function knownProcesses(pids: readonly number[]): KnownProcess[] {
  const known = pids.flatMap((pid) => {
    const facts = lookAt(pid);
    return facts?.runs ? [{ pid, birth: facts.birth }] : [];
  });
  return known.sort((a, b) => startOf(a) - startOf(b) || a.pid - b.pid);
}

/** Whether its id still is its own; that of a zombie is. */
export function isThere({ pid, birth }: KnownProcess): boolean {
  return lookAt(pid)?.birth === birth;
}

/** Whether it runs; a zombie does not. */
export function isRunning({ pid, birth }: KnownProcess): boolean {
  const facts = lookAt(pid);
  return facts !== null && facts.birth === birth && facts.runs;
}

/** As {@linkcode isRunning}, in `group` if there is one, or nobody can tell now. */
export function mayRun({ pid, birth }: KnownProcess, group: number | null): boolean {
  const facts = tryToLookAt(pid);
  if (facts === "unknown") return true;
  return facts !== null && facts.birth === birth && facts.runs &&
    (group === null || facts.group === group);
}

/** Whether it is in `group`, be it as a zombie: that id cannot be another group's then. */
export function isIn(group: number, { pid, birth }: KnownProcess): boolean {
  const facts = lookAt(pid);
  return facts !== null && facts.birth === birth && facts.group === group;
}

/** Sends `signal` to a process, or to a group by its negative id, if that is there and ours. */
export function sendSignal(target: number, signal: Deno.Signal): void {
  try {
    Deno.kill(target, signal);
  } catch {
    // It went by itself, or belongs to another user; the next look tells.
  }
}

function startOf({ birth }: KnownProcess): number {
  return Number(birth.slice(birth.lastIndexOf(":") + 1));
}
