import { showingLogs } from "./showing_logs.ts";

/** Claims, by their names. */
export type Parts = Readonly<Record<string, () => Promise<void>>>;

/** A test of {@linkcode together}. */
export function testTogether(name: string, parts: Parts): void {
  Deno.test(name, () => together(parts));
}

/**
 * Proves all parts at the same time: each waits for a limit to run out, and all of them together
 * take no longer than one.
 *
 * @throws {Error} When all have ended: that of the first one that failed; others are shown.
 */
export async function together(parts: Parts): Promise<void> {
  const all = Object.entries(parts).map(([part, prove]) => showingLogs(() => [], prove, part));
  const ends = await Promise.allSettled(all);
  const [error, ...others] = ends.filter((end) => end.status === "rejected")
    .map(({ reason }) => reason);
  for (const other of others) console.error(other);
  if (error !== undefined) throw error;
}
