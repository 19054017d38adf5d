import { ENGINES } from "../../src/proxy/engines.ts";
import { freePorts } from "../lib/free_ports.ts";
import { backendOf } from "./backend.ts";
import { selfTimes } from "./cpu_profile.ts";
import { type LoadGenerator, loadGenerator } from "./load.ts";
import type { BenchOptions } from "./options.ts";
import { perf, perfObstacle, type PerfResult, type Share } from "./perf.ts";
import { type Scenario, SCENARIOS } from "./scenario.ts";
import { Subject } from "./subject.ts";
import { table } from "./table.ts";

const WARM_UP_SECONDS = 2;
const SECONDS = 6;
const TOP = 15;

/** What is looked at. */
export interface ProfileOptions extends BenchOptions {
  signal: AbortSignal;
  /** Told what is going on. */
  progress(text: string): void;
}

interface Setting {
  engine: string;
  scenario: Scenario;
  directory: string;
  generator: LoadGenerator;
  options: ProfileOptions;
}

/**
 * Says where the time of an engine goes under one load: kernel, runtime or JavaScript (by perf), and
 * which functions take it (by the profiler of the runtime, in a run of its own).
 */
export async function profile(options: ProfileOptions): Promise<string> {
  const directory = await Deno.makeTempDir({ prefix: "liveroll-profile-" });
  try {
    const generator = loadGenerator(directory);
    const setting = { ...choose(options), directory, generator, options };
    return [
      `## ${setting.engine}: ${setting.scenario.title}`,
      ...await nativeParts(setting),
      ...await scriptParts(setting),
    ].join("\n\n");
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

function choose({ entries, scenarios }: ProfileOptions): { engine: string; scenario: Scenario } {
  const engines = entries.map(({ id }) => id).filter((id) => id in ENGINES);
  const engine = engines.find((id) => id === "relay") ?? engines[0];
  const all = scenarios.length === SCENARIOS.length;
  const scenario = all ? scenarios.find(({ id }) => id === "keep-64") : scenarios[0];
  if (engine !== undefined && scenario !== undefined) return { engine, scenario };
  throw new TypeError("Cannot profile: --only names no engine, or --scenarios no load");
}

async function nativeParts(setting: Setting): Promise<string[]> {
  const obstacle = perfObstacle();
  if (obstacle !== null) return [`skipped: kernel and runtime: ${obstacle}`];
  const { places, symbols } = await underLoad(setting, [], sample);
  return [
    table(["where (perf)", "share"], places.map(shareCells)),
    table(["symbol (perf)", "share"], symbols.slice(0, TOP).map(shareCells)),
  ];
}

function sample({ pid }: Subject, { directory, options }: Setting): Promise<PerfResult> {
  return perf(pid, SECONDS, directory, options.signal);
}

async function scriptParts(setting: Setting): Promise<string[]> {
  const directory = `${setting.directory}/cpu-prof`;
  const wait = () => new Promise((resolve) => setTimeout(resolve, SECONDS * 1_000));
  await underLoad(setting, ["--cpu-prof", `--cpu-prof-dir=${directory}`], wait);
  const [file] = [...Deno.readDirSync(directory)];
  if (file === undefined) return ["skipped: functions: the runtime has written no profile"];
  const shares = selfTimes(await Deno.readTextFile(`${directory}/${file.name}`));
  return [
    table(["function (main thread, its own time)", "share"], shares.slice(0, TOP).map(shareCells)),
  ];
}

/** Runs `look` while the engine is under load. */
async function underLoad<T>(
  setting: Setting,
  runtimeFlags: readonly string[],
  look: (subject: Subject, setting: Setting) => Promise<T>,
): Promise<T> {
  const { engine, scenario, generator, options } = setting;
  const directory = await Deno.makeTempDir({ dir: setting.directory });
  const [port, first, second] = freePorts(3) as [number, number, number];
  await using subject = await Subject.serving({
    port,
    childPorts: [first, second],
    directory,
    exec: backendOf(scenario.backend, directory).command,
    flags: [`--engine=${engine}`, ...options.flags],
    runtimeFlags,
  });
  options.progress(`${engine}, ${scenario.id}: ${runtimeFlags[0] ?? "perf"}`);
  await generator.run(port, scenario, WARM_UP_SECONDS, options.signal);
  const load = generator.run(port, scenario, SECONDS + 1, options.signal);
  const [seen] = await Promise.all([look(subject, setting), load]);
  return seen;
}

function shareCells({ name, share }: Share): string[] {
  return [name, `${(share * 100).toFixed(1)} %`];
}
