import { capture } from "../lib/command.ts";
import { PEERS, programVersion } from "./peers.ts";

/** Load average above which somebody else is using the machine. */
export const QUIET_LOAD = 0.5;

/** Where and when something was measured. */
export interface Machine {
  date: string;
  cpu: string;
  cores: number;
  memoryBytes: number;
  kernel: string;
  /** Load average of the last minute, before it began. */
  loadBefore: number;
  commit: string;
  /** Versions by name. */
  versions: Record<string, string>;
}

/** Looks at this machine. */
export async function describeMachine(): Promise<Machine> {
  const versions: Record<string, string> = { Deno: Deno.version.deno, V8: Deno.version.v8 };
  for (const { name, program, versionArgs } of PEERS.filter(({ layer }) => layer === "http")) {
    const version = await programVersion(program, versionArgs);
    if (version !== null) versions[name] = version;
  }
  const wrk = await programVersion("wrk", ["-v"]);
  if (wrk !== null) versions.wrk = wrk;
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: await cpuName(),
    cores: navigator.hardwareConcurrency,
    memoryBytes: Deno.systemMemoryInfo().total,
    kernel: `${Deno.build.os} ${Deno.osRelease()}`,
    loadBefore: Deno.loadavg()[0] ?? 0,
    commit: await commit(),
    versions,
  };
}

async function cpuName(): Promise<string> {
  const text = await Deno.readTextFile("/proc/cpuinfo").catch(() => "");
  return /^model name\s*:\s*(.+)$/m.exec(text)?.[1] ?? Deno.build.arch;
}

async function commit(): Promise<string> {
  const { ok, stdout } = await capture("git", ["describe", "--always", "--dirty"], {
    cwd: new URL("../../", import.meta.url).pathname,
  });
  return ok ? stdout.trim() : "unknown";
}
