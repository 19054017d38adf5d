import { Counts } from "./counts.ts";
import type { Failure, Range, Share } from "./crew.ts";
import { simulate } from "./simulate.ts";

/** What of the global scope of a worker is used here. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<Range>) => void) | null;
  postMessage(share: Share): void;
}

// Every wait that is called off makes an error: its stack would be the dearest part of it.
(Error as { stackTraceLimit?: number }).stackTraceLimit = 0;

const scope = globalThis as unknown as WorkerScope;

scope.onmessage = async ({ data }) => scope.postMessage(await simulateShare(data));

async function simulateShare({ from, seeds }: Range): Promise<Share> {
  const counts = new Counts();
  const failures: Failure[] = [];
  for (let seed = from; seed < from + seeds; seed++) {
    const report = await simulate(seed);
    counts.addAll(report.counts);
    const [violation] = report.violations;
    if (violation !== undefined) failures.push({ seed, violation });
  }
  return { counts: counts.toRecord(), failures };
}
