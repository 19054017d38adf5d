import { INSTANCE_VARIABLE } from "./escapees.ts";
import {
  isIn,
  isThere,
  type KnownProcess,
  knownProcesses,
  mayRun,
  sendSignal,
} from "./known_process.ts";
import { pause } from "./poll.ts";
import { hasVariable, lookAt, processesWithVariable, processIds, tryToLookAt } from "./proc.ts";
import {
  belongsTo,
  type ProcessBody,
  type ProcessExit,
  terminateGroup,
  type TerminateOptions,
  type TerminateOutcome,
} from "./process_body.ts";

const LOOK_EVERY_MS = 100;
/** Nobody tells the status of a process to one who is not its parent. */
const UNKNOWN_EXIT: ProcessExit = { code: -1, signal: null };

/** What is known of processes that somebody else has started. */
export interface Remains {
  /** Leader of the group; null: not known. */
  pid: number | null;
  /** See `processBirth`; null: not known. */
  birth: string | null;
  /** Value of `LIVEROLL_INSTANCE` in their environment. */
  token: string;
}

/**
 * A process group that somebody else has started, who is no more.
 *
 * Ids of processes are used again: what is signalled is always a process of known birth, or a group
 * in which such a process, or one with the right token, still is (a group's id is not given to
 * anybody else as long as that lasts). Processes of the group that unset the token and lost every
 * companion cannot be told from strangers any more and are left alone.
 *
 * Its end is that of the leader, as with a group of our own. Where the leader had ended before,
 * whoever is left stands for it, the oldest first: the end is the end of the last one.
 */
export class AdoptedGroup implements ProcessBody {
  readonly exited: Promise<ProcessExit>;
  readonly stdout = null;
  readonly stderr = null;

  readonly #token: string;
  /** Null: all that is left has groups of its own. */
  readonly #group: number | null;
  /** Null: it had ended before. */
  readonly #leader: KnownProcess | null;
  readonly #released = new AbortController();
  readonly #reportExit: (exit: ProcessExit) => void;
  #members: readonly KnownProcess[];
  #exit: ProcessExit | null = null;

  /** What is left and runs; null when that is nothing, or when there is no `/proc`. */
  static async find({ pid, birth, token }: Remains): Promise<AdoptedGroup | null> {
    const leader = pid !== null && birth !== null ? { pid, birth } : null;
    const group = pid === null ? [] : await groupMembers(pid, token, leader ? [leader] : []);
    if (group.length > 0) return new AdoptedGroup(token, pid, group);
    const carriers = await tokenCarriers(token);
    if (carriers.length === 0) return null;
    // Started, but its id was not written down any more: the first one leads a group of its own.
    const first = pid === null ? carriers.find((one) => lookAt(one.pid)?.group === one.pid) : null;
    const members = first ? await groupMembers(first.pid, token, [first]) : [];
    if (first && members.length > 0) return new AdoptedGroup(token, first.pid, members);
    return new AdoptedGroup(token, null, carriers);
  }

  private constructor(token: string, group: number | null, members: readonly KnownProcess[]) {
    this.#token = token;
    this.#group = group;
    this.#members = members;
    this.#leader = members.find(({ pid }) => pid === group) ?? null;
    const { promise, resolve } = Promise.withResolvers<ProcessExit>();
    this.exited = promise;
    this.#reportExit = resolve;
    this.#watch();
  }

  /** The leader, or the oldest of those who stand for it. */
  get pid(): number {
    return (this.#leader ?? this.#members[0])?.pid ?? 0;
  }

  /** Of the oldest process, for the same purpose. */
  get birth(): string | null {
    return (this.#leader ?? this.#members[0])?.birth ?? null;
  }

  /** Looks now: nobody calls when a process ends that is not our child. */
  get exit(): ProcessExit | null {
    if (this.#leader !== null && !mayRun(this.#leader, null)) this.#end();
    return this.#exit;
  }

  signalGroup(signal: Deno.Signal): void {
    const group = this.#group;
    if (group === null) {
      for (const member of this.#members) if (isThere(member)) sendSignal(member.pid, signal);
    } else if (this.#members.some((member) => isIn(group, member))) {
      sendSignal(-group, signal);
    }
  }

  async isGone(): Promise<boolean> {
    if (this.#members.some((member) => mayRun(member, this.#group))) return false;
    // Twice: a process that forks and ends while it is being looked at hides its child once.
    const members = await this.#look();
    this.#members = members.length > 0 ? members : await this.#look();
    return this.#members.length === 0 && tryToLookAt(Deno.pid) !== "unknown";
  }

  /** Whether `pid` belongs to it: by group, by descent, or by the token that it carries. */
  includes(pid: number): Promise<boolean> {
    return belongsTo(pid, { group: this.#group, token: this.#token });
  }

  async terminate(options: TerminateOptions): Promise<TerminateOutcome> {
    // Whoever came since it was found has to be known before its companions go.
    const members = await this.#look();
    if (members.length > 0) this.#members = members;
    const outcome = await terminateGroup(this, this.#token, options);
    if (await this.isGone()) this.#end();
    return outcome;
  }

  release(): void {
    this.#released.abort();
  }

  async #watch(): Promise<void> {
    while (!this.#released.signal.aborted) {
      if (this.#leader === null ? await this.isGone() : !mayRun(this.#leader, null)) this.#end();
      else await pause(LOOK_EVERY_MS, this.#released.signal);
    }
  }

  #end(): void {
    this.#exit = UNKNOWN_EXIT;
    this.#reportExit(UNKNOWN_EXIT);
    this.release();
  }

  #look(): Promise<KnownProcess[]> {
    return this.#group === null
      ? tokenCarriers(this.#token)
      : groupMembers(this.#group, this.#token, this.#members);
  }
}

/**
 * The processes that run in the group `group`, the oldest first; none if that is somebody else's
 * group by now: it is the right one if one of `witnesses` is still in it, or a carrier of `token`.
 */
async function groupMembers(
  group: number,
  token: string,
  witnesses: readonly KnownProcess[],
): Promise<KnownProcess[]> {
  const members = knownProcesses(
    (await processIds()).filter((pid) => lookAt(pid)?.group === group),
  );
  if (witnesses.some((witness) => isIn(group, witness))) return members;
  for (const { pid } of members) {
    if (await hasVariable(pid, INSTANCE_VARIABLE, token)) return members;
  }
  return [];
}

/** The processes that run and carry `token`, the oldest first. */
async function tokenCarriers(token: string): Promise<KnownProcess[]> {
  return knownProcesses(await processesWithVariable(INSTANCE_VARIABLE, token));
}
