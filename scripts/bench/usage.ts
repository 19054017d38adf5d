import { processesWhere, residentBytes } from "../../tests/helpers/proc.ts";

/** Unit of the times in /proc: USER_HZ, which is the same everywhere. */
const TICKS_PER_SECOND = 100;

/** The processes of a group, by their ids. */
export function groupMembers(group: number): number[] {
  return processesWhere((process) => process.group === group).map(({ pid }) => pid);
}

/** Processor time that processes have used since their start, all their threads included. */
export function cpuSeconds(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + ticks(readStat(pid)), 0) / TICKS_PER_SECOND;
}

/** Resident memory of processes; what they share counts for each. */
export function memoryBytes(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + residentBytes(pid), 0);
}

/** User and system time in a line of /proc/PID/stat. */
export function ticks(stat: string): number {
  // The name in parentheses may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
}

function readStat(pid: number): string {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/stat`);
  } catch {
    return "";
  }
}
