/**
 * Rolls a small app every few seconds and shows what happens: `deno task demo`.
 *
 * - `--seconds N`: ends by itself so long after the first version serves
 * - `--every N`: a new version every so many seconds, 4 by default
 * - `--plain`: lines instead of a picture; also when the output is no terminal
 *
 * The exit code is 0 when no request failed.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { Demo } from "./demo/demo.ts";
import { Terminal } from "./demo/terminal.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

const flags = parseArgs(Deno.args, { boolean: ["plain"], string: ["seconds", "every"] });
const seconds = secondsOf("seconds");
const every = secondsOf("every");

// A signal may come more than once: from the terminal, and again from a parent that hands it on.
const stop = new AbortController();
for (const name of SIGNALS) Deno.addSignalListener(name, () => stop.abort());

const demo = new Demo({
  plain: flags.plain === true || !Terminal.isUsable(),
  durationMs: seconds === null ? null : seconds * 1_000,
  ...(every === null ? {} : { publishMs: every * 1_000 }),
  signal: stop.signal,
});
Deno.exit(await demo.run());

function secondsOf(name: "seconds" | "every"): number | null {
  const text = flags[name];
  if (text === undefined) return null;
  const value = Number(text);
  if (value > 0 && value < 86_400) return value;
  console.error(`Cannot take --${name} ${text}: say a number above 0`);
  Deno.exit(2);
}
