import { residentBytes } from "../../tests/helpers/proc.ts";
import { isInstalled, succeed } from "../lib/command.ts";
import { Follower } from "./follower.ts";
import { ReleaseServer } from "./release_server.ts";
import { median } from "./statistics.ts";

/** Sizes that are compared, in MiB: memory must not grow with them. */
const SIZES = [64, 512] as const;

/** Tells the kernel to count the peak of resident memory anew. */
const RESET_PEAK = "5";

/** How often, and with what. */
export interface DownloadOptions {
  rounds: number;
  /** For liveroll. */
  flags: readonly string[];
  signal: AbortSignal;
  /** Told what is going on. */
  progress(text: string): void;
}

/** Medians for artifacts of one size. */
export interface DownloadResult {
  mebibytes: number;
  /** Resident memory of liveroll before the artifact, and its peak until the version serves. */
  beforeBytes: number;
  peakBytes: number;
  /** Download, check and unpack: the phase `fetch`. */
  fetchMs: number;
  /** `curl -o` alone; NaN: curl is not installed. */
  curlMs: number;
  /** The same by hand: `curl -o`, `sync`, `sha256sum`, `tar -x`, `sync`. */
  shellMs: number;
}

/** Fetches small and large artifacts, in turn with what others would do it with. */
export async function measureDownloads(
  directory: string,
  options: DownloadOptions,
): Promise<DownloadResult[]> {
  const results = new Map<number, DownloadResult[]>(SIZES.map((size) => [size, []]));
  for (let round = 1; round <= options.rounds; round++) {
    for (const size of SIZES) {
      options.signal.throwIfAborted();
      options.progress(`artifact of ${size} MiB, ${round} of ${options.rounds}`);
      results.get(size)?.push(await measure(directory, size, options.flags));
    }
  }
  return [...results.values()].map(middle);
}

async function measure(
  parent: string,
  mebibytes: number,
  flags: readonly string[],
): Promise<DownloadResult> {
  const directory = await Deno.makeTempDir({ dir: parent });
  try {
    await using server = new ReleaseServer(directory);
    await server.pack("v1.0.0");
    await server.pack("v1.1.0", mebibytes);
    server.publish("v1.0.0");
    const { curlMs, shellMs } = await others(server.fileUrl("v1.1.0.tar"), directory);
    await using liveroll = new Follower(server.index, directory, flags);
    await liveroll.answered("v1.0.0");
    const beforeBytes = residentBytes(liveroll.pid);
    await Deno.writeTextFile(`/proc/${liveroll.pid}/clear_refs`, RESET_PEAK);
    server.publish("v1.1.0");
    const { phases } = await liveroll.rollTo("v1.1.0");
    const peakBytes = peakOf(liveroll.pid);
    return { mebibytes, beforeBytes, peakBytes, fetchMs: phases.get("fetch")!, curlMs, shellMs };
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function others(url: string, directory: string) {
  if (!isInstalled("curl")) return { curlMs: NaN, shellMs: NaN };
  const file = `${directory}/by-curl.tar`;
  const unpacked = `${directory}/by-tar`;
  await Deno.mkdir(unpacked);
  const curlMs = await timed("curl", ["-sSf", "-o", file, url]);
  let shellMs = curlMs;
  const rest: [string, string[]][] = [
    ["sync", [file]],
    ["sha256sum", [file]],
    ["tar", ["-xf", file, "-C", unpacked]],
    ["sync", [`${unpacked}/ballast`]],
  ];
  for (const [program, args] of rest) shellMs += await timed(program, args);
  await Deno.remove(file);
  await Deno.remove(unpacked, { recursive: true });
  return { curlMs, shellMs };
}

async function timed(program: string, args: readonly string[]): Promise<number> {
  const began = performance.now();
  await succeed(program, args);
  return performance.now() - began;
}

/** The most memory that a process had at a time, in bytes. */
function peakOf(pid: number): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? NaN) * 1024;
}

function middle(results: readonly DownloadResult[]): DownloadResult {
  const of = (value: (result: DownloadResult) => number) => median(results.map(value));
  return {
    mebibytes: of(({ mebibytes }) => mebibytes),
    beforeBytes: of(({ beforeBytes }) => beforeBytes),
    peakBytes: of(({ peakBytes }) => peakBytes),
    fetchMs: of(({ fetchMs }) => fetchMs),
    curlMs: of(({ curlMs }) => curlMs),
    shellMs: of(({ shellMs }) => shellMs),
  };
}
