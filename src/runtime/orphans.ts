import { createHash } from "node:crypto";
import { INSTANCE_VARIABLE } from "../platform/escapees.ts";
import { environmentOf, lookAt, variableOfProcesses } from "../platform/proc.ts";
import type { InstanceRecord } from "../roll/journal.ts";
import { commandToken } from "./instance_commands.ts";

/** How many characters of a digest tell state directories apart. */
const PREFIX_LENGTH = 16;

/** The same on every Linux that Deno runs on (`USER_HZ`). */
const TICKS_PER_SECOND = 100;

/** What the tokens of all instances of one state directory begin with. */
export function tokenPrefix(stateDir: string): string {
  const digest = createHash("sha256").update(Deno.realPathSync(stateDir)).digest("hex");
  return `${digest.slice(0, PREFIX_LENGTH)}-`;
}

/** Whatever was started as a part of an instance of one state directory, by {@linkcode tokenPrefix}. */
export async function processesOf(prefix: string): Promise<number[]> {
  const all = await variableOfProcesses(INSTANCE_VARIABLE);
  return [...all].filter(([, token]) => token.startsWith(prefix)).map(([pid]) => pid);
}

/**
 * Finds instances that run and that the journal does not know: it was damaged, or could not be
 * written when they were started. They are told as if they had served, the oldest first; what of
 * them may serve on and what has to go is for others to decide. Finds nothing where there is no
 * `/proc`.
 *
 * @param prefix See {@linkcode tokenPrefix}.
 * @param known What the journal knows.
 */
export async function findOrphans(
  prefix: string,
  known: readonly InstanceRecord[],
  { outlives }: { outlives: boolean },
): Promise<InstanceRecord[]> {
  const knownTokens = new Set(known.flatMap(({ token }) => [token, commandToken(token)]));
  const leaders = new Map<string, { pid: number; birth: string }>();
  for (const [pid, token] of await variableOfProcesses(INSTANCE_VARIABLE)) {
    if (!token.startsWith(prefix) || knownTokens.has(token)) continue;
    const facts = lookAt(pid);
    if (facts === null || !facts.runs) continue;
    const isFirst = !leaders.has(token) || facts.group === pid;
    if (isFirst) leaders.set(token, { pid, birth: facts.birth });
  }
  const found = await Promise.all(
    [...leaders].map(([token, leader]) => describe(token, leader, outlives)),
  );
  const records = found.filter((record) => record !== null);
  return records.toSorted((a, b) => a.startedAt - b.startedAt)
    // No roll of ours has such a number.
    .map((record, index) => ({ ...record, key: `i${-index}` }));
}

async function describe(
  token: string,
  { pid, birth }: { pid: number; birth: string },
  outlives: boolean,
): Promise<InstanceRecord | null> {
  const env = await environmentOf(pid);
  const [id, port] = [env.get("LIVEROLL_ID"), Number(env.get("LIVEROLL_PORT"))];
  // Commands that were run beside an instance carry its name, too; they are nobody to adopt.
  if (id === undefined || !Number.isInteger(port) || token.includes("/")) return null;
  const known = { id, port, token, pid, birth, outlives };
  return { key: "", roll: 0, stage: "current", startedAt: startOf(birth), ...known };
}

/** Milliseconds since 1970, as far as the clocks agree. */
function startOf(birth: string): number {
  const seconds = Number(birth.split(":").at(-1)) / TICKS_PER_SECOND;
  return Math.round(Date.now() - (Deno.osUptime() - seconds) * 1000);
}
