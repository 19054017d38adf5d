/**
 * Compares liveroll with nginx, HAProxy and Caddy in one run, and measures what it adds to a roll:
 * `deno task bench`.
 *
 * - `--only relay,nginx,…`, `--scenarios keep-64,rolls,direct,…`: a part of it; a name that does not exist
 *   brings the list
 * - `--quick`: everything once, in about two minutes
 * - `--seconds N`, `--rounds N`: length and number of the measurements, 1 and 5
 * - `--rolls N`, `--releases N`: rolls measured, and releases from a registry, 20 each
 * - `--write`: puts the result into docs/performance.md; refused on a busy machine without `--busy`
 * - `--profile`: says where the time of an engine goes (`--only`, the relay) under one load
 *   (`--scenarios`, keep-64)
 * - `-- FLAGS`: for liveroll
 *
 * Everything runs on 127.0.0.1 and is stopped at the end. Nothing here passes or fails.
 *
 * @module
 */
import { measureDirect } from "./bench/direct_mode.ts";
import { loadGenerator } from "./bench/load.ts";
import { describeMachine, QUIET_LOAD } from "./bench/machine.ts";
import { type BenchOptions, parseOptions } from "./bench/options.ts";
import { profile } from "./bench/profile.ts";
import { markdown, replaceReport, type Report } from "./bench/report.ts";
import { measureReleases } from "./bench/releases.ts";
import { measureRolls } from "./bench/roll_overhead.ts";
import { measureThroughput } from "./bench/throughput.ts";
import { succeed } from "./lib/command.ts";

const DOCUMENT = new URL("../docs/performance.md", import.meta.url);

const progress = (text: string) => console.error(text);

async function compare(options: BenchOptions, signal: AbortSignal): Promise<Report> {
  const machine = await describeMachine();
  if (machine.loadBefore > QUIET_LOAD) warn(machine.loadBefore, options);
  const directory = await Deno.makeTempDir({ prefix: "liveroll-bench-" });
  const generator = loadGenerator(directory);
  const about = { ...options, generator, signal, progress };
  const { rolls, releases, scenarios } = options;
  try {
    return {
      machine,
      command: ["deno task bench", ...Deno.args].join(" "),
      generator: generator.name,
      rolls: rolls === 0 ? null : await measureRolls(directory, about),
      releases: releases === 0 ? null : await measureReleases(directory, about),
      direct: options.directMode ? await measureDirect(directory, about) : null,
      throughput: scenarios.length === 0 ? null : await measureThroughput(directory, about),
    };
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

function warn(load: number, { write, busy }: BenchOptions): void {
  const text = `the machine is not quiet: load ${load.toFixed(2)}, more than ${QUIET_LOAD}`;
  if (write && !busy) throw new Error(`Cannot write figures: ${text}; --busy does it all the same`);
  progress(`warning: ${text}`);
}

async function write(text: string): Promise<void> {
  const document = await Deno.readTextFile(DOCUMENT);
  await Deno.writeTextFile(DOCUMENT, replaceReport(document, text));
  await succeed(Deno.execPath(), ["fmt", "--quiet", DOCUMENT.pathname]);
}

async function bench(options: BenchOptions, signal: AbortSignal): Promise<void> {
  if (options.profile) return console.log(await profile({ ...options, signal, progress }));
  const text = markdown(await compare(options, signal));
  console.log(text);
  if (options.write) await write(text);
}

async function main(): Promise<number> {
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(name, () => stop.abort(new Error(`Stopped by ${name}`)));
  }
  try {
    await bench(parseOptions(Deno.args), stop.signal);
    return 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }
}

if (import.meta.main) Deno.exit(await main());
