import { poll } from "./poll.ts";

const DECODER = new TextDecoder();

/** More than long enough for one program to be replaced by another. */
const EXEC_MS = 1_000;
/** So often an environment has to be empty before it is believed. */
const EMPTY_LOOKS = 5;

/** Where the fields stand in `/proc/PID/stat`, counted from the state on. */
const START = 19;
const MEMORY = 20;
const ENVIRONMENT_START = 47;
const ENVIRONMENT_END = 48;

/** Why nobody can be looked at, dead or alive: there are no file descriptors left, or no memory. */
const SHORTAGES: ReadonlySet<unknown> = new Set(["EMFILE", "ENFILE", "ENOMEM"]);

/** Does not change as long as we live. */
let bootId: string | undefined;

/** Ids of all processes. */
export async function processIds(): Promise<number[]> {
  const ids: number[] = [];
  try {
    for await (const { name } of Deno.readDir("/proc")) {
      const pid = Number(name);
      if (Number.isInteger(pid)) ids.push(pid);
    }
  } catch {
    return [];
  }
  return ids;
}

/**
 * Whether any process of the group `pgid` still runs; a zombie does not.
 *
 * Where `/proc` cannot be read the answer is yes: better to wait too long than to lose somebody.
 */
export async function groupRuns(pgid: number): Promise<boolean> {
  const pids = await processIds();
  for (const pid of pids) {
    const status = await readStatus(pid);
    if (status?.group === pgid && status.runs) return true;
  }
  return pids.length === 0 || tryToLookAt(Deno.pid) === "unknown";
}

/** Processes that were started with `name=value` in their environment, ourselves excepted. */
export async function processesWithVariable(name: string, value: string): Promise<number[]> {
  const found: number[] = [];
  for (const pid of await processIds()) {
    if (pid !== Deno.pid && await hasVariable(pid, name, value)) found.push(pid);
  }
  return found;
}

/** The processes that were started with the variable `name`, and its value; ourselves excepted. */
export async function variableOfProcesses(name: string): Promise<Map<number, string>> {
  const values = new Map<number, string>();
  for (const pid of await processIds()) {
    if (pid === Deno.pid) continue;
    const variables = (await read(`/proc/${pid}/environ`))?.split("\0") ?? [];
    const value = variables.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1);
    if (value !== undefined) values.set(pid, value);
  }
  return values;
}

/** What `pid` was started with in its environment; empty when that cannot be told. */
export async function environmentOf(pid: number): Promise<Map<string, string>> {
  const variables = (await read(`/proc/${pid}/environ`))?.split("\0") ?? [];
  return new Map(
    variables.filter((one) => one.includes("=")).map((one) => {
      const at = one.indexOf("=");
      return [one.slice(0, at), one.slice(at + 1)];
    }),
  );
}

/** Whether `pid` was started with `name=value` in its environment, and still runs. */
export async function hasVariable(pid: number, name: string, value: string): Promise<boolean> {
  let isThere = false;
  let looks = 0;
  const isKnown = async () => {
    const environment = await readBytes(`/proc/${pid}/environ`);
    if (environment === null) return true;
    isThere = DECODER.decode(environment).split("\0").includes(`${name}=${value}`);
    return isThere || environment.at(-1) === 0 || await isWhole(pid, environment.length, ++looks);
  };
  await poll(isKnown, { timeoutMs: EXEC_MS });
  return isThere;
}

/** In the middle of `execve` a process seems to have no environment, or only the head of it. */
async function isWhole(pid: number, environmentBytes: number, looks: number): Promise<boolean> {
  const fields = await readStat(pid);
  // Zombies and threads of the kernel have no memory.
  if (fields === null || fields[MEMORY] === "0") return true;
  const end = Number(fields[ENVIRONMENT_END]);
  if (end === 0 || end - Number(fields[ENVIRONMENT_START]) !== environmentBytes) return false;
  return environmentBytes > 0 || looks >= EMPTY_LOOKS;
}

/** The short name of a process, or null. */
export async function processName(pid: number): Promise<string | null> {
  return (await read(`/proc/${pid}/comm`))?.trimEnd() ?? null;
}

/** The group of a process, and its parent; null when it is gone. */
export async function processKin(pid: number): Promise<{ group: number; parent: number } | null> {
  return await readStatus(pid);
}

/** What the kernel says of a process at one moment. */
export interface ProcessFacts {
  /**
   * Tells it from every other process that had or will have the same id: the boot of the machine
   * and the start of the process in ticks since then. A zombie has it, too.
   */
  birth: string;
  group: number;
  /** False for a zombie. */
  runs: boolean;
}

/**
 * Looks at a process; null where there is none, or no `/proc`. Waits for nothing, so that it can be
 * asked right before a signal is sent.
 */
export function lookAt(pid: number): ProcessFacts | null {
  const facts = tryToLookAt(pid);
  return facts === "unknown" ? null : facts;
}

/** As {@linkcode lookAt}; `"unknown"`: it cannot be told now, for want of file descriptors. */
export function tryToLookAt(pid: number): ProcessFacts | "unknown" | null {
  try {
    const fields = statFields(readTextSync(`/proc/${pid}/stat`));
    const start = fields?.[START];
    bootId ??= readTextSync("/proc/sys/kernel/random/boot_id")?.trim();
    if (!fields || start === undefined || bootId === undefined) return null;
    return { birth: `${bootId}:${start}`, ...statusOf(fields) };
  } catch {
    return "unknown";
  }
}

/** See {@linkcode ProcessFacts.birth}. */
export function processBirth(pid: number): string | null {
  return lookAt(pid)?.birth ?? null;
}

async function readStatus(
  pid: number,
): Promise<{ runs: boolean; group: number; parent: number } | null> {
  const fields = await readStat(pid);
  return fields === null ? null : statusOf(fields);
}

function statusOf(fields: readonly string[]): { runs: boolean; group: number; parent: number } {
  const [state = "", parent, group] = fields;
  return {
    runs: !["Z", "X", "x"].includes(state),
    group: Number(group),
    parent: Number(parent),
  };
}

/** What `/proc/PID/stat` says, from the state on. */
async function readStat(pid: number): Promise<string[] | null> {
  return statFields(await read(`/proc/${pid}/stat`));
}

function statFields(stat: string | null): string[] | null {
  // The name stands in parentheses and may itself contain spaces and parentheses.
  return stat === null ? null : stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

/** @throws For want of file descriptors; null for any other reason. */
function readTextSync(path: string): string | null {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (isShortage(error)) throw error;
    return null;
  }
}

function isShortage(error: unknown): boolean {
  return SHORTAGES.has((error as { code?: unknown }).code);
}

async function read(path: string): Promise<string | null> {
  const bytes = await readBytes(path);
  return bytes && DECODER.decode(bytes);
}

async function readBytes(path: string): Promise<Uint8Array | null> {
  try {
    return await Deno.readFile(path);
  } catch {
    return null;
  }
}
