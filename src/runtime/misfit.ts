import { INSTANCE_VARIABLE } from "../platform/escapees.ts";
import { environmentOf, processesWithVariable } from "../platform/proc.ts";
import type { PublicSockets } from "./public_sockets.ts";

/** What only those are told who accept themselves. */
const TOLD = ["SERVER_STARTER_PORT", "LISTEN_FDS"];

/**
 * Why requests would not reach an instance of a former life, which was started with other options:
 * it accepts where a proxy would have to, or not from the sockets that we hold. Null: they do, as
 * far as can be told.
 *
 * @param sockets Those that we hold for children; absent: a proxy is in front of them.
 */
export async function misfitOf(
  token: string,
  sockets: Pick<PublicSockets, "isHeldBy"> | undefined,
): Promise<string | null> {
  const pids = await processesWithVariable(INSTANCE_VARIABLE, token);
  if (sockets === undefined) {
    const told = await Promise.all(pids.map(isTold));
    return told.includes(true) ? "it accepts from the public socket itself" : null;
  }
  if (pids.length === 0 || pids.some((pid) => sockets.isHeldBy(pid) !== false)) return null;
  return "it does not have the public socket";
}

async function isTold(pid: number): Promise<boolean> {
  const env = await environmentOf(pid);
  return TOLD.some((name) => env.has(name));
}
