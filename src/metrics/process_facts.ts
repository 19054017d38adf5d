import process from "node:process";

/** What the operating system says of this process. */
export interface ProcessFacts {
  /** Seconds since 1970. */
  readonly startedAt: number;
  /** On all processors, in user and in system mode. */
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  /** Null where there is no `/proc`. */
  readonly openFds: number | null;
  /** Null where there is no `/proc`; `Infinity`: no limit. */
  readonly maxFds: number | null;
}

/** Looks at this process now. */
export function processFacts(): ProcessFacts {
  const { user, system } = process.cpuUsage();
  return {
    startedAt: performance.timeOrigin / 1000,
    cpuSeconds: (user + system) / 1_000_000,
    residentBytes: Deno.memoryUsage().rss,
    openFds: orNull(openFds),
    maxFds: orNull(maxFds),
  };
}

function openFds(): number {
  // Newer kernels know the number; with thousands of connections a list takes its time.
  const { size } = Deno.statSync("/proc/self/fd");
  if (size > 0) return size;
  let count = -1; // The directory itself is open while it is read.
  for (const _ of Deno.readDirSync("/proc/self/fd")) count++;
  return count;
}

function maxFds(): number | null {
  const limits = Deno.readTextFileSync("/proc/self/limits");
  const soft = /^Max open files\s+(\S+)/m.exec(limits)?.[1];
  if (soft === undefined) return null;
  return soft === "unlimited" ? Infinity : Number(soft);
}

function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
