import { capture, isInstalled } from "../lib/command.ts";
import { runEchoClient } from "./echo_client.ts";
import { runOwnClient } from "./own_client.ts";
import type { Scenario } from "./scenario.ts";

/** What one run of a load saw. */
export interface LoadResult {
  /** Answers, or echoed messages. */
  count: number;
  /** How long it really ran. */
  seconds: number;
  p50Ms: number;
  p99Ms: number;
  /** Requests without an answer, and answers other than 2xx and 3xx. */
  errors: number;
}

/** Sends load to `port` on loopback for so many seconds, as fast as it goes. */
export type RunLoad = (
  port: number,
  scenario: Scenario,
  seconds: number,
  signal: AbortSignal,
) => Promise<LoadResult>;

/** A program that makes load. */
export interface LoadGenerator {
  name: string;
  run: RunLoad;
}

/**
 * The best load generator of this machine.
 *
 * @param directory For the files that it needs.
 */
export function loadGenerator(directory: string): LoadGenerator {
  const name = isInstalled("wrk") ? "wrk" : "own client (wrk is not installed)";
  const http: RunLoad = isInstalled("wrk")
    ? (...args) => runWrk(directory, ...args)
    : (...args) => runOwnClient(...args);
  return {
    name: `${name}; WebSockets: own client`,
    run: (port, scenario, ...rest) =>
      (scenario.backend === "echo" ? runEchoClient : http)(port, scenario, ...rest),
  };
}

async function runWrk(
  directory: string,
  port: number,
  { connections, keepAlive, path, uploadBytes }: Scenario,
  seconds: number,
  signal: AbortSignal,
): Promise<LoadResult> {
  const args = ["-t1", `-c${connections}`, `-d${seconds}`, "--latency", "--timeout", "10s"];
  if (!keepAlive) args.push("-H", "Connection: close");
  if (uploadBytes > 0) args.push("-s", await writePostScript(directory, uploadBytes));
  const url = `http://127.0.0.1:${port}${path}`;
  const { ok, stdout, stderr } = await capture("wrk", [...args, url], { signal });
  signal.throwIfAborted();
  if (!ok) throw new Error(`Cannot measure with wrk: ${stderr || stdout}`);
  return parseWrk(stdout);
}

async function writePostScript(directory: string, bytes: number): Promise<string> {
  const path = `${directory}/post-${bytes}.lua`;
  await Deno.writeTextFile(
    path,
    `wrk.method = "POST"\nwrk.body = string.rep("x", ${bytes})\n`,
  );
  return path;
}

/** Reads what wrk prints with `--latency`. @throws {Error} When it is something else. */
export function parseWrk(text: string): LoadResult {
  const socketErrors = /Socket errors: (.*)/.exec(text)?.[1]?.matchAll(/\d+/g) ?? [];
  const badAnswers = Number(/Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? 0);
  return {
    count: Number(find(text, /(\d+) requests in /)),
    seconds: millis(find(text, /requests in ([^,\s]+),/)) / 1_000,
    p50Ms: millis(find(text, /\s50%\s+(\S+)/)),
    p99Ms: millis(find(text, /\s99%\s+(\S+)/)),
    errors: [...socketErrors].reduce((sum, [count]) => sum + Number(count), badAnswers),
  };
}

function find(text: string, pattern: RegExp): string {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new Error(`Cannot find ${pattern} in what wrk printed:\n${text}`);
  return found;
}

const UNITS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1_000, m: 60_000 };

function millis(text: string): number {
  const [, value, unit = ""] = /^([\d.]+)([a-z]+)$/.exec(text) ?? [];
  const factor = UNITS[unit];
  if (factor === undefined) throw new Error(`Cannot read the time ${text} that wrk printed`);
  return Number(value) * factor;
}
