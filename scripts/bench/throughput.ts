import { isInstalled } from "../lib/command.ts";
import { startDaemon, untilReady } from "../lib/daemon.ts";
import { freePorts } from "../lib/free_ports.ts";
import { ask } from "../../tests/helpers/http.ts";
import { type LoadGenerator, type LoadResult, type Scenario, SCENARIOS } from "./load.ts";
import { type Peer, PEERS } from "./peers.ts";
import { median } from "./statistics.ts";
import { backendCommand, BODY, Subject } from "./subject.ts";

const WARM_UP_SECONDS = 1;
const READY_MS = 10_000;
const LIFETIME_SECONDS = 1_800;

/** How long it takes. */
export interface ThroughputOptions {
  /** Length of one measurement. */
  seconds: number;
  /** Measurements of each contestant in each scenario; medians are reported. */
  rounds: number;
  generator: LoadGenerator;
  /** For liveroll. */
  flags: readonly string[];
  signal: AbortSignal;
  /** Told what is going on. */
  progress(text: string): void;
}

/** Somebody who answers requests. */
interface Contestant {
  name: string;
  port: number;
}

/** The medians of one contestant in one scenario. */
export interface Row extends LoadResult {
  name: string;
}

/** One table. */
export interface ScenarioResult {
  scenario: Scenario;
  /** In the order of the table; `direct` first. */
  rows: Row[];
}

/** Everything measured, and what could not be. */
export interface ThroughputResult {
  backend: string;
  scenarios: ScenarioResult[];
  /** Peers that did not take part, and why. */
  skipped: { name: string; why: string }[];
}

/** Measures everybody in front of the same backend, which is the child of our liveroll. */
export async function measureThroughput(
  directory: string,
  options: ThroughputOptions,
): Promise<ThroughputResult> {
  await using stack = new AsyncDisposableStack();
  const [port, backendPort, spare, ...peerPorts] = freePorts(3 + PEERS.length) as number[];
  const backend = backendCommand(directory);
  stack.use(
    await Subject.serving({
      port: port!,
      childPorts: [backendPort!, spare!],
      directory,
      exec: backend.command,
      flags: options.flags,
    }),
  );
  const contestants = [{ name: "direct", port: backendPort! }];
  const skipped: ThroughputResult["skipped"] = [];
  for (const [index, peer] of PEERS.entries()) {
    if (!isInstalled(peer.program)) {
      skipped.push({ name: peer.name, why: `${peer.program} is not installed` });
      continue;
    }
    const port = peerPorts[index]!;
    stack.use(await startPeer(peer, { port, backendPort: backendPort!, directory }));
    contestants.push({ name: peer.name, port });
  }
  contestants.push({ name: "liveroll", port: port! });
  for (const contestant of contestants) await verify(contestant);
  const scenarios: ScenarioResult[] = [];
  for (const scenario of SCENARIOS) scenarios.push(await compete(contestants, scenario, options));
  return { backend: backend.name, scenarios, skipped };
}

async function startPeer(
  peer: Peer,
  { port, backendPort, directory }: { port: number; backendPort: number; directory: string },
): Promise<AsyncDisposable> {
  await Deno.writeTextFile(`${directory}/${peer.configFile}`, peer.config(port, backendPort));
  const daemon = startDaemon(peer.program, peer.args(directory), {
    logPath: `${directory}/${peer.program}.log`,
    env: peer.env(directory),
    lifetimeSeconds: LIFETIME_SECONDS,
  });
  try {
    await untilReady(peer.name, daemon, READY_MS, () => answers(port));
    return daemon;
  } catch (error) {
    await daemon[Symbol.asyncDispose]();
    throw error;
  }
}

/** A fast proxy that answers with errors would win. */
async function verify({ name, port }: Contestant): Promise<void> {
  const { status, text } = await ask(port, "/");
  if (status === 200 && text === `${BODY}\n`) return;
  throw new Error(`Cannot measure ${name}: it answers ${status} ${JSON.stringify(text)}`);
}

/** Everybody in turn, again and again, so that a drift of the machine hits all alike. */
async function compete(
  contestants: readonly Contestant[],
  scenario: Scenario,
  { seconds, rounds, generator, signal, progress }: ThroughputOptions,
): Promise<ScenarioResult> {
  const results = new Map<string, LoadResult[]>(contestants.map(({ name }) => [name, []]));
  for (const { port } of contestants) {
    await generator.run(port, scenario, WARM_UP_SECONDS, signal);
  }
  for (let round = 1; round <= rounds; round++) {
    progress(`${scenario.name}: round ${round} of ${rounds}`);
    for (const { name, port } of contestants) {
      results.get(name)!.push(await generator.run(port, scenario, seconds, signal));
    }
  }
  const rows = contestants.map(({ name }) => summarize(name, results.get(name)!));
  return { scenario, rows };
}

function summarize(name: string, runs: readonly LoadResult[]): Row {
  const middle = (of: (run: LoadResult) => number) => median(runs.map(of));
  return {
    name,
    requestsPerSecond: middle((run) => run.requestsPerSecond),
    p50Ms: middle((run) => run.p50Ms),
    p99Ms: middle((run) => run.p99Ms),
    errors: runs.reduce((sum, { errors }) => sum + errors, 0),
  };
}

async function answers(port: number): Promise<boolean> {
  try {
    return (await ask(port, "/", { timeoutMs: 1_000 })).status === 200;
  } catch {
    return false;
  }
}
