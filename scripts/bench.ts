/**
 * Compares liveroll with nginx, HAProxy and Caddy in one run, and measures what it adds to a roll:
 * `deno task bench`.
 *
 * - `--seconds N`, `--rounds N`: length and number of the measurements, 3 and 3
 * - `--rolls N`: rolls measured, 20
 * - `--only throughput|rolls`
 * - `--write`: puts the result into docs/performance.md
 * - `-- FLAGS`: for liveroll
 *
 * Everything runs on 127.0.0.1 and is stopped at the end. Nothing here passes or fails.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { loadGenerator } from "./bench/load.ts";
import { succeed } from "./lib/command.ts";
import { describeMachine } from "./bench/machine.ts";
import { markdown, replaceReport, type Report } from "./bench/report.ts";
import { measureRolls } from "./bench/roll_overhead.ts";
import { measureThroughput } from "./bench/throughput.ts";

const DOCUMENT = new URL("../docs/performance.md", import.meta.url);

interface BenchOptions {
  seconds: number;
  rounds: number;
  rolls: number;
  only: "throughput" | "rolls" | null;
  write: boolean;
  flags: string[];
}

function parse(args: readonly string[]): BenchOptions {
  const own = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
  const flags = parseArgs([...own], {
    boolean: ["write"],
    string: ["seconds", "rounds", "rolls", "only"],
  });
  return {
    seconds: number("seconds", flags.seconds, 3),
    rounds: number("rounds", flags.rounds, 3),
    rolls: number("rolls", flags.rolls, 20),
    only: choice(flags.only),
    write: flags.write === true,
    flags: args.slice(own.length + 1),
  };
}

function choice(given: unknown): BenchOptions["only"] {
  if (given === undefined) return null;
  if (given === "throughput" || given === "rolls") return given;
  throw new TypeError(`Cannot measure only ${given}: say throughput or rolls`);
}

function number(name: string, given: unknown, ifMissing: number): number {
  const value = given === undefined ? ifMissing : Number(given);
  if (Number.isInteger(value) && value >= 1 && value <= 1_000) return value;
  throw new TypeError(`Cannot measure with --${name} ${given}: say a number from 1 to 1000`);
}

async function bench(options: BenchOptions, signal: AbortSignal): Promise<Report> {
  const generator = loadGenerator();
  const machine = await describeMachine();
  const progress = (text: string) => console.error(text);
  const directory = await Deno.makeTempDir({ prefix: "liveroll-bench-" });
  const about = { ...options, generator, signal, progress };
  try {
    return {
      machine,
      command: ["deno task bench", ...Deno.args].join(" "),
      generator: generator.name,
      rolls: options.only === "throughput" ? null : await measureRolls(directory, about),
      throughput: options.only === "rolls" ? null : await measureThroughput(directory, about),
    };
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function main(): Promise<number> {
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(name, () => stop.abort(new Error(`Stopped by ${name}`)));
  }
  try {
    const options = parse(Deno.args);
    const text = markdown(await bench(options, stop.signal));
    console.log(text);
    if (options.write) {
      const document = await Deno.readTextFile(DOCUMENT);
      await Deno.writeTextFile(DOCUMENT, replaceReport(document, text));
      await succeed(Deno.execPath(), ["fmt", "--quiet", DOCUMENT.pathname]);
    }
    return 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }
}

Deno.exit(await main());
