import { ask } from "../../tests/helpers/http.ts";
import { absentees, type Contestant, type Entry, Field } from "./contestant.ts";
import type { LoadGenerator } from "./load.ts";
import { type Sample, type ScenarioResult, summarize } from "./result.ts";
import type { BackendKind, Scenario } from "./scenario.ts";

const WARM_UP_SECONDS = 1;

/** How long it takes, and what takes part. */
export interface ThroughputOptions {
  entries: readonly Entry[];
  scenarios: readonly Scenario[];
  /** Length of one measurement. */
  seconds: number;
  /** Measurements of each contestant in each scenario; medians are reported. */
  rounds: number;
  /** Before every scenario; otherwise before the first one only. */
  warmUpAlways: boolean;
  generator: LoadGenerator;
  /** For liveroll. */
  flags: readonly string[];
  signal: AbortSignal;
  /** Told what is going on. */
  progress(text: string): void;
}

/** Resident memory of one contestant. */
export interface MemoryRow {
  name: string;
  /** When it had started. */
  beforeBytes: number;
  /** After all scenarios with HTTP requests. */
  afterBytes: number;
}

/** Everything measured, and what could not be. */
export interface ThroughputResult {
  /** The programs behind everybody. */
  backends: string[];
  scenarios: ScenarioResult[];
  memory: MemoryRow[];
  /** Those that did not take part, and why. */
  skipped: { name: string; why: string }[];
}

/** Measures everybody in front of backends that are the same program. */
export async function measureThroughput(
  directory: string,
  options: ThroughputOptions,
): Promise<ThroughputResult> {
  const skipped = absentees(options.entries);
  const entries = options.entries.filter(({ name }) => !skipped.some((one) => one.name === name));
  const result: ThroughputResult = { backends: [], scenarios: [], memory: [], skipped };
  for (const backend of ["http", "echo"] as const) {
    const scenarios = options.scenarios.filter((scenario) => scenario.backend === backend);
    if (scenarios.length === 0) continue;
    const part = { ...options, entries, scenarios };
    await measureField(directory, backend, part, result);
  }
  return result;
}

async function measureField(
  directory: string,
  backend: BackendKind,
  options: ThroughputOptions,
  result: ThroughputResult,
): Promise<void> {
  options.progress(`starting everybody (${backend})`);
  await using field = await Field.start({ ...options, backend, directory });
  const { contestants } = field;
  const before = contestants.map((contestant) => contestant.memoryBytes());
  for (const [index, scenario] of options.scenarios.entries()) {
    for (const contestant of contestants) await verify(contestant, scenario);
    if (index === 0 || options.warmUpAlways) await warmUp(contestants, scenario, options);
    result.scenarios.push(await compete(contestants, scenario, options));
  }
  result.backends.push(field.backend);
  if (backend === "http") result.memory = memoryRows(contestants, before);
}

function memoryRows(contestants: readonly Contestant[], before: readonly number[]): MemoryRow[] {
  const rows = contestants.map((contestant, index) => ({
    name: contestant.name,
    beforeBytes: before[index] ?? 0,
    afterBytes: contestant.memoryBytes(),
  }));
  return rows.filter(({ afterBytes }) => afterBytes > 0);
}

/** A fast proxy that answers with errors would win. */
async function verify({ name, port }: Contestant, scenario: Scenario): Promise<void> {
  if (scenario.backend === "echo") return;
  const { path, uploadBytes, answerBytes } = scenario;
  const post = { method: "POST", body: new Uint8Array(uploadBytes) };
  const { status, bytes } = await ask(port, path, uploadBytes > 0 ? post : {});
  if (status === 200 && bytes === answerBytes) return;
  throw new Error(`Cannot measure ${name}: status ${status} and ${bytes} bytes from ${path}`);
}

async function warmUp(
  contestants: readonly Contestant[],
  scenario: Scenario,
  { generator, signal, progress }: ThroughputOptions,
): Promise<void> {
  progress(`${scenario.id}: warming up`);
  for (const { port } of contestants) {
    await generator.run(port, scenario, WARM_UP_SECONDS, signal);
  }
}

/**
 * Everybody in turn, again and again, so that a drift of the machine hits all alike; each round
 * begins with another one, so that nobody always comes after the same.
 */
async function compete(
  contestants: readonly Contestant[],
  scenario: Scenario,
  { seconds, rounds, generator, signal, progress }: ThroughputOptions,
): Promise<ScenarioResult> {
  const samples = contestants.map((): Sample[] => []);
  for (let round = 0; round < rounds; round++) {
    progress(`${scenario.id}: round ${round + 1} of ${rounds}`);
    for (let turn = 0; turn < contestants.length; turn++) {
      const index = (round + turn) % contestants.length;
      const contestant = contestants[index]!;
      const before = contestant.cpuSeconds();
      const result = await generator.run(contestant.port, scenario, seconds, signal);
      samples[index]!.push({ ...result, cpuSeconds: contestant.cpuSeconds() - before });
    }
  }
  const series = contestants.map(({ id, name, layer }, index) => ({
    id,
    name,
    layer,
    samples: samples[index]!,
  }));
  return summarize(scenario, series);
}
