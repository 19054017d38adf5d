const DECODER = new TextDecoder();

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
  return pids.length === 0;
}

/** Processes that were started with `name=value` in their environment, ourselves excepted. */
export async function processesWithVariable(name: string, value: string): Promise<number[]> {
  const found: number[] = [];
  for (const pid of await processIds()) {
    if (pid !== Deno.pid && await hasVariable(pid, name, value)) found.push(pid);
  }
  return found;
}

/** Whether `pid` was started with `name=value` in its environment, and still runs. */
export async function hasVariable(pid: number, name: string, value: string): Promise<boolean> {
  const environment = await read(`/proc/${pid}/environ`);
  return environment?.split("\0").includes(`${name}=${value}`) ?? false;
}

/** The short name of a process, or null. */
export async function processName(pid: number): Promise<string | null> {
  return (await read(`/proc/${pid}/comm`))?.trimEnd() ?? null;
}

/** The group of a process, and its parent; null when it is gone. */
export async function processKin(pid: number): Promise<{ group: number; parent: number } | null> {
  return await readStatus(pid);
}

async function readStatus(
  pid: number,
): Promise<{ runs: boolean; group: number; parent: number } | null> {
  const stat = await read(`/proc/${pid}/stat`);
  if (stat === null) return null;
  // The name stands in parentheses and may itself contain spaces and parentheses.
  const [state = "", parent, group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return {
    runs: !["Z", "X", "x"].includes(state),
    group: Number(group),
    parent: Number(parent),
  };
}

async function read(path: string): Promise<string | null> {
  try {
    return DECODER.decode(await Deno.readFile(path));
  } catch {
    return null;
  }
}
