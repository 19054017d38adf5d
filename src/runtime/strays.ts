import { INSTANCE_VARIABLE } from "../platform/escapees.ts";
import { isRunning, type KnownProcess, sendSignal } from "../platform/known_process.ts";
import { listenersOn, listeningPorts } from "../platform/listeners.ts";
import { poll } from "../platform/poll.ts";
import { processBirth, processName, variableOfProcesses } from "../platform/proc.ts";
import { belongsTo } from "../platform/process_body.ts";
import type { Instance } from "../roll/instance.ts";
import type { InstanceRecord } from "../roll/journal.ts";
import { FORWARDERS } from "./impostor.ts";
import { commandToken } from "./instance_commands.ts";

const GRACE_MS = 10_000;
const KILL_WAIT_MS = 2_000;

/** A process that should not be there. */
export interface Stray extends KnownProcess {
  /** Its short name. */
  readonly name: string;
  /**
   * - `left_behind`: it carries the token of an instance that does not live any more.
   * - `in_the_way`: it listens on a port that is meant for children, and is nobody of ours.
   */
  readonly reason: "left_behind" | "in_the_way";
  /** The instance that it was left by; null: it is a stranger. */
  readonly key: string | null;
  /** Where it is in the way; null: nowhere. */
  readonly port: number | null;
}

/** Where to look for strangers. */
export interface StrayOptions {
  /** Address that children listen on. */
  childHost: string;
  /** The ports that children may get. */
  childPorts: readonly number[];
}

/** What became of a stray; `stranger`: it is none of ours and was left alone. */
export type StrayEnd =
  | "already_gone"
  | "stopped"
  | "killed"
  | "survived"
  | "stranger";

/**
 * Looks for processes that an instance has left behind, and for strangers on the children's ports.
 * Port forwarders of container engines may be anybody's, and are left out. Finds nothing where there
 * is no `/proc`.
 *
 * @param known Every instance that was ever written down as started; those that live included.
 */
export async function strays(
  known: readonly InstanceRecord[],
  living: readonly Instance[],
  options: StrayOptions,
): Promise<Stray[]> {
  const alive = new Set(living.map(({ key }) => key));
  const left = await leftBehind(known.filter(({ key }) => !alive.has(key)));
  const ours = known.filter(({ key }) => alive.has(key));
  const listed = new Set(left.map(({ pid }) => pid));
  const inTheWay = await strangersOnPorts(ours, living, options);
  return [...left, ...inTheWay.filter(({ pid }) => !listed.has(pid))];
}

/** Ends what was left behind, and nobody else. Always ends, never rejects. */
export async function endStray(stray: Stray): Promise<StrayEnd> {
  if (stray.reason !== "left_behind") return "stranger";
  if (!isRunning(stray)) return "already_gone";
  sendSignal(stray.pid, "SIGTERM");
  sendSignal(stray.pid, "SIGCONT");
  const isGone = () => !isRunning(stray);
  if (await poll(isGone, { timeoutMs: GRACE_MS })) return "stopped";
  sendSignal(stray.pid, "SIGKILL");
  return await poll(isGone, { timeoutMs: KILL_WAIT_MS }) ? "killed" : "survived";
}

async function leftBehind(dead: readonly InstanceRecord[]): Promise<Stray[]> {
  const keys = new Map(
    dead.flatMap(({ key, token }) => [[token, key], [commandToken(token), key]] as const),
  );
  const found: Stray[] = [];
  for (const [pid, token] of await variableOfProcesses(INSTANCE_VARIABLE)) {
    const key = keys.get(token);
    const stray = key === undefined ? null : await describe(pid);
    if (stray && key !== undefined) {
      found.push({ ...stray, reason: "left_behind", key, port: null });
    }
  }
  return found;
}

async function strangersOnPorts(
  ours: readonly InstanceRecord[],
  living: readonly Instance[],
  { childHost, childPorts }: StrayOptions,
): Promise<Stray[]> {
  const found: Stray[] = [];
  for (const port of await listeningPorts(childHost, childPorts)) {
    for (const pid of await listenersOn(childHost, port)) {
      const stray = await describe(pid);
      if (stray === null || pid === Deno.pid || FORWARDERS.has(stray.name)) {
        continue;
      }
      if (await isOurs(pid, ours, living)) continue;
      found.push({ ...stray, reason: "in_the_way", key: null, port });
    }
  }
  return found;
}

async function isOurs(
  pid: number,
  ours: readonly InstanceRecord[],
  living: readonly Instance[],
): Promise<boolean> {
  for (const { key, token } of ours) {
    const leader = living.find((instance) => instance.key === key)?.pid ?? 0;
    if (await belongsTo(pid, { group: leader || null, token })) return true;
  }
  return false;
}

async function describe(
  pid: number,
): Promise<KnownProcess & { name: string } | null> {
  const birth = processBirth(pid);
  return birth === null ? null : { pid, birth, name: await processName(pid) ?? "?" };
}
