import { showingLogs } from "./showing_logs.ts";

/**
 * One test whose parts run at the same time: each waits for a limit to run out, and all of them
 * together take no longer than one.
 */
export function testTogether(name: string, parts: Record<string, () => Promise<void>>): void {
  Deno.test(name, async () => {
    const all = Object.entries(parts).map(([part, prove]) => showingLogs(() => [], prove, part));
    const ends = await Promise.allSettled(all);
    const [error, ...others] = ends.filter(({ status }) => status === "rejected")
      .map((end) => (end as PromiseRejectedResult).reason);
    for (const other of others) console.error(other);
    if (error !== undefined) throw error;
  });
}
