/**
 * Rolls a small app every few seconds and shows what happens: `deno task demo`.
 *
 * - `--seconds N`: ends by itself so long after the first version serves
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

const flags = parseArgs(Deno.args, { boolean: ["plain"], string: ["seconds"] });
const seconds = flags.seconds === undefined ? null : Number(flags.seconds);
if (seconds !== null && !(seconds > 0 && seconds < 86_400)) {
  console.error(`Cannot run for --seconds ${flags.seconds}: say a number above 0`);
  Deno.exit(2);
}

// A signal may come more than once: from the terminal, and again from a parent that hands it on.
const stop = new AbortController();
for (const name of SIGNALS) Deno.addSignalListener(name, () => stop.abort());

const demo = new Demo({
  plain: flags.plain === true || !Terminal.isUsable(),
  durationMs: seconds === null ? null : seconds * 1_000,
  signal: stop.signal,
});
Deno.exit(await demo.run());
