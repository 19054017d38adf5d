import { Counts } from "./counts.ts";
import type { Violation } from "./promises.ts";

/** Which seeds are to be lived. */
export interface Range {
  readonly from: number;
  readonly seeds: number;
}

/** A seed that broke a promise. */
export interface Failure {
  readonly seed: number;
  readonly violation: Violation;
}

/** What many seeds came to. */
export interface CrewReport {
  readonly counts: Counts;
  /** In the order of their seeds. */
  readonly failures: readonly Failure[];
}

/** What a worker answers. */
export interface Share {
  readonly counts: Record<string, number>;
  readonly failures: readonly Failure[];
}

/** So many seeds are handed out at once. */
const SHARE = 250;

/** Lives many seeds, on several cores. */
export async function simulateMany(
  { from, seeds }: Range,
  { jobs }: { jobs: number },
): Promise<CrewReport> {
  const counts = new Counts();
  const failures: Failure[] = [];
  const end = from + seeds;
  let next = from;
  const work = async () => {
    using worker = new SimulationWorker();
    while (next < end) {
      const share = { from: next, seeds: Math.min(SHARE, end - next) };
      next += SHARE;
      const report = await worker.simulate(share);
      counts.addAll(report.counts);
      failures.push(...report.failures);
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return { counts, failures: failures.sort((a, b) => a.seed - b.seed) };
}

class SimulationWorker implements Disposable {
  readonly #worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });

  simulate(range: Range): Promise<Share> {
    return new Promise((resolve, reject) => {
      this.#worker.onmessage = ({ data }: MessageEvent<Share>) => resolve(data);
      this.#worker.onerror = ({ message }) => reject(new Error(message));
      this.#worker.postMessage(range);
    });
  }

  [Symbol.dispose](): void {
    this.#worker.terminate();
  }
}
