import { freePorts } from "../lib/free_ports.ts";
import { ask } from "../../tests/helpers/http.ts";
import { median, quantile } from "./statistics.ts";
import { APP_COMMAND } from "./backend.ts";
import { BODY } from "./scenario.ts";
import { ID, PULL, Subject } from "./subject.ts";

const POLL_MS = 1;
const START_MS = 30_000;

/** How often, and with what. */
export interface RollOptions {
  rolls: number;
  /** For liveroll. */
  flags: readonly string[];
  signal: AbortSignal;
  /** Told what is going on. */
  progress(text: string): void;
}

/** Medians, in milliseconds. */
export interface RollResult {
  rolls: number;
  /** From the spawn of the app to its first good answer, without liveroll. */
  startMs: number;
  /** The pull and the id command, without liveroll. */
  commandsMs: number;
  /** From the signal to the switch. */
  rollMs: number;
  /** What liveroll adds: each roll less the start and the commands measured next to it. */
  overheadMs: number;
  overheadP90Ms: number;
}

/** Rolls an app and compares with its own start, measured in turn on the same machine. */
export async function measureRolls(directory: string, options: RollOptions): Promise<RollResult> {
  const [port, first, second, alone] = freePorts(4) as [number, number, number, number];
  await using subject = await Subject.serving({
    port,
    childPorts: [first, second],
    directory,
    exec: APP_COMMAND,
    flags: options.flags,
  });
  const starts: number[] = [];
  const commands: number[] = [];
  const rolls: number[] = [];
  // The first of each is thrown away: files are read from disk, code is compiled.
  for (let n = 0; n <= options.rolls; n++) {
    options.signal.throwIfAborted();
    options.progress(`roll ${n} of ${options.rolls}`);
    starts.push(await startAlone(alone, directory));
    commands.push(
      await timed(() => runAlone(PULL, directory)) +
        await timed(() => runAlone(ID, directory)),
    );
    rolls.push(await subject.roll());
  }
  return summarize(starts.slice(1), commands.slice(1), rolls.slice(1));
}

function summarize(starts: number[], commands: number[], rolls: number[]): RollResult {
  const overheads = rolls.map((roll, n) => roll - starts[n]! - commands[n]!);
  return {
    rolls: rolls.length,
    startMs: median(starts),
    commandsMs: median(commands),
    rollMs: median(rolls),
    overheadMs: median(overheads),
    overheadP90Ms: quantile(overheads, 0.9),
  };
}

async function startAlone(port: number, directory: string): Promise<number> {
  const began = performance.now();
  const child = new Deno.Command("sh", {
    args: ["-c", APP_COMMAND],
    cwd: directory,
    env: { PORT: `${port}`, BENCH_BODY: BODY },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    while (!await answers(port)) {
      if (performance.now() - began > START_MS) throw new Error("Cannot start the app alone");
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return performance.now() - began;
  } finally {
    child.kill("SIGTERM");
    await child.status;
  }
}

async function runAlone(command: string, directory: string): Promise<void> {
  await new Deno.Command("sh", { args: ["-c", command], cwd: directory, stdin: "null" }).output();
}

async function timed(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

async function answers(port: number): Promise<boolean> {
  try {
    return (await ask(port, "/", { timeoutMs: 1_000 })).status === 200;
  } catch {
    return false;
  }
}
