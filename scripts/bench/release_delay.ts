import { Follower } from "./follower.ts";
import { ReleaseServer } from "./release_server.ts";
import { median, quantile } from "./statistics.ts";

/** `--interval` of the liveroll that is measured. */
const INTERVAL_MS = 1_000;

/** What a roll consists of, in the words of `liveroll history`. */
export const PARTS = ["check", "fetch", "start", "gate", "switch", "rest"] as const;

type Parts = Readonly<Record<(typeof PARTS)[number], number>>;

/** How often, and with what. */
export interface DelayOptions {
  releases: number;
  /** For liveroll. */
  flags: readonly string[];
  signal: AbortSignal;
  /** Told what is going on. */
  progress(text: string): void;
}

/** Medians, in milliseconds. */
export interface DelayResult {
  releases: number;
  /** From the publication to the first answer of the new version. */
  totalMs: number;
  totalP90Ms: number;
  /** `check`: until the roll began; `rest`: what no phase accounts for. */
  parts: Parts;
}

/** Publishes one release after the other, spread over the interval of the checks. */
export async function measureDelays(
  parent: string,
  options: DelayOptions,
): Promise<DelayResult> {
  const directory = await Deno.makeTempDir({ dir: parent });
  await using server = new ReleaseServer(directory);
  await server.pack("v1.0.0");
  server.publish("v1.0.0");
  await using liveroll = new Follower(server.index, directory, options.flags);
  await liveroll.answered("v1.0.0");
  const totals: number[] = [];
  const all: Parts[] = [];
  for (let n = 1; n <= options.releases; n++) {
    options.signal.throwIfAborted();
    options.progress(`release ${n} of ${options.releases}`);
    const tag = `v1.${n}.0`;
    await server.pack(tag);
    await new Promise((resolve) => setTimeout(resolve, (n / options.releases) * INTERVAL_MS));
    server.publish(tag);
    const publishedAt = Date.now();
    const total = await liveroll.answered(tag) - publishedAt;
    totals.push(total);
    all.push(partsOf(total, publishedAt, await liveroll.rollTo(tag)));
  }
  return summarize(totals, all);
}

function partsOf(
  total: number,
  publishedAt: number,
  { startedAt, phases }: Awaited<ReturnType<Follower["rollTo"]>>,
): Parts {
  const of = (name: string) => phases.get(name) ?? 0;
  const known = {
    check: startedAt - publishedAt,
    fetch: of("fetch"),
    start: of("start"),
    gate: of("gate"),
    switch: of("switch"),
  };
  const sum = Object.values(known).reduce((sum, ms) => sum + ms, 0);
  return { ...known, rest: Math.max(0, total - sum) };
}

function summarize(totals: readonly number[], all: readonly Parts[]): DelayResult {
  const parts = PARTS.map((name) => [name, median(all.map((parts) => parts[name]))]);
  return {
    releases: totals.length,
    totalMs: median(totals),
    totalP90Ms: quantile(totals, 0.9),
    parts: Object.fromEntries(parts),
  };
}
