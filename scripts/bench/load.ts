import { capture, isInstalled } from "../lib/command.ts";
import { runOwnClient } from "./own_client.ts";

/** One kind of load. */
export interface Scenario {
  name: string;
  connections: number;
  /** False: a new connection for each request. */
  keepAlive: boolean;
}

/** What is measured, in this order. */
export const SCENARIOS: readonly Scenario[] = [
  { name: "keep-alive, 1 connection", connections: 1, keepAlive: true },
  { name: "keep-alive, 64 connections", connections: 64, keepAlive: true },
  { name: "new connections, 64 at a time", connections: 64, keepAlive: false },
];

/** What one run of a load saw. */
export interface LoadResult {
  requestsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** Requests without an answer, and answers other than 2xx and 3xx. */
  errors: number;
}

/** Sends load to `port` on loopback for so many seconds, as fast as it goes. */
export interface LoadGenerator {
  name: string;
  run(port: number, scenario: Scenario, seconds: number, signal: AbortSignal): Promise<LoadResult>;
}

const wrk: LoadGenerator = {
  name: "wrk",
  async run(port, { connections, keepAlive }, seconds, signal) {
    const args = ["-t1", `-c${connections}`, `-d${seconds}`, "--latency", "--timeout", "10s"];
    if (!keepAlive) args.push("-H", "Connection: close");
    const { ok, stdout, stderr } = await capture(
      "wrk",
      [...args, `http://127.0.0.1:${port}/`],
      { signal },
    );
    signal.throwIfAborted();
    if (!ok) throw new Error(`Cannot measure with wrk: ${stderr || stdout}`);
    return parseWrk(stdout);
  },
};

const ownClient: LoadGenerator = { name: "own client (wrk is not installed)", run: runOwnClient };

/** The best load generator of this machine. */
export function loadGenerator(): LoadGenerator {
  return isInstalled("wrk") ? wrk : ownClient;
}

/** Reads what wrk prints with `--latency`. @throws {Error} When it is something else. */
export function parseWrk(text: string): LoadResult {
  const socketErrors = /Socket errors: (.*)/.exec(text)?.[1]?.matchAll(/\d+/g) ?? [];
  const badAnswers = /Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? 0;
  return {
    requestsPerSecond: Number(find(text, /Requests\/sec:\s+([\d.]+)/)),
    p50Ms: millis(find(text, /\s50%\s+(\S+)/)),
    p99Ms: millis(find(text, /\s99%\s+(\S+)/)),
    errors: [...socketErrors].reduce((sum, [count]) => sum + Number(count), Number(badAnswers)),
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
