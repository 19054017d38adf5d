import type { Share } from "./perf.ts";

/** The part of a `.cpuprofile` that is read here. */
interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  samples: number[];
  /** Microseconds since the sample before. */
  timeDeltas: number[];
}

const IDLE = "(idle)";

/** Time that functions of the main thread spent in themselves, most first, idle time left out. */
export function selfTimes(text: string): Share[] {
  const { nodes, samples, timeDeltas }: CpuProfile = JSON.parse(text);
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const sums = new Map<string, number>();
  let total = 0;
  for (const [index, id] of samples.entries()) {
    const name = names.get(id) ?? "?";
    if (name === IDLE) continue;
    const us = Math.max(0, timeDeltas[index] ?? 0);
    sums.set(name, (sums.get(name) ?? 0) + us);
    total += us;
  }
  return [...sums].map(([name, us]) => ({ name, share: us / total }))
    .sort((a, b) => b.share - a.share);
}

/** The name of a function and where it is, without the way there. */
function nameOf({ functionName, url, lineNumber }: CpuProfile["nodes"][0]["callFrame"]): string {
  const name = functionName || "(anonymous)";
  if (url === "") return name;
  const file = url.replace(/^.*\/(src|scripts)\//, "$1/");
  return `${name} ${file}:${lineNumber + 1}`;
}
