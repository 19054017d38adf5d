import { Liveroll } from "../../tests/helpers/liveroll.ts";
import { openFiles, residentBytes } from "../../tests/helpers/proc.ts";
import { outcomeTable } from "./outcome_table.ts";
import { total, type TrafficReport } from "./outcome.ts";
import { complaintsAbout, type Growth, growthOf, type Sample } from "./samples.ts";
import { Traffic } from "./traffic.ts";

const ROLL_EVERY_MS = 2_000;
const SAMPLE_EVERY_MS = 10_000;
const WARM_UP_SECONDS = 20;

/** Short runs are sampled more often, so that there is something to compare. */
const SAMPLES = 30;

/** With a small heap, garbage is collected soon: what grows then is not garbage. */
const SMALL_HEAP = { DENO_V8_FLAGS: "--max-semi-space-size=1,--max-old-space-size=40" };

const FLAGS = {
  "drain-timeout": "15s",
  "tunnel-grace": "300ms",
  "stop-timeout": "2s",
  "log-level": "info",
};

/** After the traffic: idle connections to the application are kept for a few seconds. */
const SETTLE_MS = 15_000;
const FILES_LEFT = 3;

/** How long, and with what. */
export interface MixedOptions {
  minutes: number;
  /** null: the default one. */
  engine: string | null;
}

/**
 * Mixed traffic with a roll every two seconds: no request may fail, and memory and open files must
 * stay flat. Prints what it sees.
 *
 * @returns What was wrong; empty if nothing.
 */
export async function soakMixed({ minutes, engine }: MixedOptions): Promise<string[]> {
  const flags = { ...FLAGS, ...engine !== null && { engine } };
  await using liveroll = await Liveroll.serving({ version: "v0", flags, env: SMALL_HEAP });
  const filesBefore = openFiles(liveroll.pid);
  await using traffic = new Traffic(liveroll.port, "rolls");
  const samples = await rollOn(liveroll, traffic, minutes * 60);
  const report = await traffic.stop();
  console.log(outcomeTable(report));
  const filesAfter = await settledFiles(liveroll.pid, filesBefore + FILES_LEFT);
  const growth = growthOf(samples);
  console.log(summary(samples, growth, { filesBefore, filesAfter }));
  return [
    ...report.failures,
    ...total(report).ok === 0 ? ["no request succeeded"] : [],
    ...complaintsAbout(growth),
    ...filesAfter > filesBefore + FILES_LEFT ? [`${filesAfter - filesBefore} files left open`] : [],
  ];
}

/** Rolls until the time is up, and samples meanwhile. */
async function rollOn(liveroll: Liveroll, traffic: Traffic, seconds: number): Promise<Sample[]> {
  const began = performance.now();
  const elapsed = () => (performance.now() - began) / 1_000;
  const samples: Sample[] = [];
  let rolls = 0;
  const warmUp = Math.min(WARM_UP_SECONDS, seconds / 3);
  const sampler = setInterval(() => {
    const [memoryBytes, files] = [residentBytes(liveroll.pid), openFiles(liveroll.pid)];
    const sample = { seconds: elapsed(), rolls, memoryBytes, files };
    if (sample.seconds >= warmUp) samples.push(sample);
    console.log(progressLine(sample, traffic.report));
  }, Math.min(SAMPLE_EVERY_MS, seconds * 1_000 / SAMPLES));
  try {
    while (elapsed() < seconds) {
      const next = elapsed() + ROLL_EVERY_MS / 1_000;
      await liveroll.rollAndRetire(`v${++rolls}`);
      await sleep(Math.max(0, next - elapsed()) * 1_000);
    }
  } finally {
    clearInterval(sampler);
  }
  return samples;
}

/** Waits until no more than so many files are open; how many there are in the end. */
async function settledFiles(pid: number, enough: number): Promise<number> {
  const deadline = performance.now() + SETTLE_MS;
  while (openFiles(pid) > enough && performance.now() < deadline) await sleep(200);
  return openFiles(pid);
}

function progressLine(sample: Sample, report: TrafficReport): string {
  const { ok, aborted, restarted, failed } = total(report);
  return `${sample.seconds.toFixed(0).padStart(5)} s  ${`${sample.rolls}`.padStart(4)} rolls  ` +
    `${`${ok}`.padStart(7)} ok  ${failed} failed  ${aborted} aborted  ${restarted} restarted  ` +
    `${mebibytes(sample.memoryBytes)} MiB  ${sample.files} files`;
}

function summary(
  samples: readonly Sample[],
  growth: Growth,
  { filesBefore, filesAfter }: { filesBefore: number; filesAfter: number },
): string {
  const peak = Math.max(0, ...samples.map(({ memoryBytes }) => memoryBytes));
  return [
    `rolls: ${samples.at(-1)?.rolls ?? 0}`,
    `memory: at most ${mebibytes(peak)} MiB, last third against first ` +
    `${mebibytes(growth.memoryBytes)} MiB`,
    `open files: last third against first ${growth.files}; before ${filesBefore}, ` +
    `after ${filesAfter}`,
  ].join("\n");
}

function mebibytes(bytes: number): string {
  return (bytes / 1_048_576).toFixed(1);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
