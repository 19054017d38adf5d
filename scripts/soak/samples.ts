import { median } from "../bench/statistics.ts";

const MIB = 1024 * 1024;

/** Growth that is no leak: noise of the allocator, code that gets compiled. */
const FLAT_MEMORY_BYTES = 16 * MIB;
const FLAT_FILES = 15;

/** What the process had at one moment. */
export interface Sample {
  /** Since the beginning. */
  seconds: number;
  rolls: number;
  memoryBytes: number;
  files: number;
}

/** What grew: the median of the last third less that of the first one. */
export interface Growth {
  memoryBytes: number;
  files: number;
}

/** Compares the ends; NaN where there are fewer than three samples. */
export function growthOf(samples: readonly Sample[]): Growth {
  const third = Math.floor(samples.length / 3);
  const growth = (of: (sample: Sample) => number) =>
    median(samples.slice(-third || samples.length).map(of)) -
    median(samples.slice(0, third).map(of));
  return { memoryBytes: growth((s) => s.memoryBytes), files: growth((s) => s.files) };
}

/** What is wrong with the growth, in words. */
export function complaintsAbout({ memoryBytes, files }: Growth): string[] {
  return [
    ...memoryBytes > FLAT_MEMORY_BYTES
      ? [`memory grew by ${(memoryBytes / MIB).toFixed(1)} MiB`]
      : [],
    ...files > FLAT_FILES ? [`open files grew by ${files}`] : [],
  ];
}
