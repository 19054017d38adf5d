/** A living process, as /proc shows it. */
export interface ProcessInfo {
  pid: number;
  parent: number;
  group: number;
  session: number;
  command: string;
  env: Record<string, string>;
}

/** Every living process (zombies are not) whose environment holds `name=value`. */
export function processesWith(name: string, value: string): ProcessInfo[] {
  return processesWhere(({ env }) => env[name] === value);
}

/** Every living process (zombies are not) that `matches`. */
export function processesWhere(matches: (info: ProcessInfo) => boolean): ProcessInfo[] {
  const found: ProcessInfo[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    const info = /^\d+$/.test(name) ? inspect(Number(name)) : null;
    if (info !== null && matches(info)) found.push(info);
  }
  return found;
}

/** What /proc says of `pid`; null when it is gone or a zombie. */
export function inspect(pid: number): ProcessInfo | null {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    // The name in parentheses may itself hold spaces and parentheses.
    const [state, parent, group, session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (state === "Z" || state === "X") return null;
    return {
      pid,
      parent: Number(parent),
      group: Number(group),
      session: Number(session),
      command: Deno.readTextFileSync(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim(),
      env: readEnv(pid),
    };
  } catch {
    return null;
  }
}

/** Whether `pid` was stopped by a signal. */
export function standsStill(pid: number): boolean {
  try {
    return /^State:\tT/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}

/** Resident memory of `pid` in bytes; 0 when it is gone. */
export function residentBytes(pid: number): number {
  try {
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** How many file descriptors `pid` has open. */
export function openFiles(pid: number): number {
  return [...Deno.readDirSync(`/proc/${pid}/fd`)].length;
}

/** How many files we may open. */
export function fileLimit(): number {
  const [limit] = /(?<=^Max open files +)\d+/m.exec(Deno.readTextFileSync("/proc/self/limits")) ??
    [];
  return Number(limit);
}

/** From now on `pid` may open no more than so many; needs the program `prlimit`. */
export function limitFiles(pid: number, limit: number): void {
  const args = [`--pid=${pid}`, `--nofile=${limit}:`];
  const { success, stderr } = new Deno.Command("prlimit", { args }).outputSync();
  if (!success) throw new Error(`Cannot limit files: ${new TextDecoder().decode(stderr)}`);
}

/** Sends a signal; a process or group that is gone already is no error. */
export function signal(pid: number, name: Deno.Signal): void {
  try {
    Deno.kill(pid, name);
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof TypeError;
}

function readEnv(pid: number): Record<string, string> {
  const entries = Deno.readTextFileSync(`/proc/${pid}/environ`).split("\0").filter(Boolean);
  return Object.fromEntries(entries.map((entry) => {
    const at = entry.indexOf("=");
    return [entry.slice(0, at), entry.slice(at + 1)];
  }));
}

/** A socket or pipe, by its number in a process and its name in the kernel. */
export interface Descriptor {
  fd: number;
  target: string;
}

/** The sockets and pipes that `pid` has open; none when it is gone. */
export function descriptorsOf(pid: number): Descriptor[] {
  try {
    return [...Deno.readDirSync(`/proc/${pid}/fd`)]
      .map(({ name }) => ({ fd: Number(name), target: targetOf(`/proc/${pid}/fd/${name}`) }))
      .filter(({ target }) => /^(socket|pipe):/.test(target));
  } catch {
    return [];
  }
}

/** Where a link leads; nowhere when it is gone, as that by which a directory is read. */
function targetOf(link: string): string {
  try {
    return Deno.readLinkSync(link);
  } catch {
    return "";
  }
}
