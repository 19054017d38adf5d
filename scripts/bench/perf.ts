import { isInstalled, succeed } from "../lib/command.ts";

const FREQUENCY_HZ = 999;

/** Where samples were taken. */
export type Place = "kernel" | "runtime" | "JavaScript" | "other";

/** A name and its share of all samples, 0 to 1. */
export interface Share {
  name: string;
  share: number;
}

/** What perf saw of a process. */
export interface PerfResult {
  places: Share[];
  /** Most time first. */
  symbols: Share[];
}

/** Why perf cannot be used here; null if it can. */
export function perfObstacle(): string | null {
  return isInstalled("perf") ? null : "perf is not installed";
}

/** Samples all threads of a process for so many seconds. */
export async function perf(
  pid: number,
  seconds: number,
  directory: string,
  signal: AbortSignal,
): Promise<PerfResult> {
  const data = `${directory}/perf.data`;
  const record = ["record", "-q", "-e", "cpu-clock", "-F", `${FREQUENCY_HZ}`, "-p", `${pid}`];
  await succeed("perf", [...record, "-o", data, "--", "sleep", `${seconds}`], { signal });
  const report = (sort: string) =>
    succeed("perf", ["report", "-q", "-i", data, "--stdio", "--sort", sort], { signal });
  return {
    places: placesOf(parseShares(await report("dso"))),
    symbols: parseShares(await report("sym")),
  };
}

/** Reads lines like `12.34%  name`. */
export function parseShares(text: string): Share[] {
  return [...text.matchAll(/^\s*([\d.]+)%\s+(.*?)\s*$/gm)].map(([, percent, name]) => ({
    name: name ?? "",
    share: Number(percent) / 100,
  }));
}

/** Adds up shares of files mapped into the process by what they belong to. */
export function placesOf(files: readonly Share[]): Share[] {
  const sums = new Map<Place, number>();
  for (const { name, share } of files) {
    const place = placeOf(name);
    sums.set(place, (sums.get(place) ?? 0) + share);
  }
  return [...sums].map(([name, share]) => ({ name, share })).sort((a, b) => b.share - a.share);
}

/** Code that was compiled at run time is in no file; libc works for the runtime. */
function placeOf(file: string): Place {
  if (/^\[kernel|^\[guest|^\[vdso\]/.test(file)) return "kernel";
  if (/^\[JIT\]|^perf-\d+\.map$|^\/\/anon|^\[anon/.test(file)) return "JavaScript";
  if (/^deno|^ld-|^lib[\w+-]*[.\d]*\.so/.test(file)) return "runtime";
  return "other";
}
