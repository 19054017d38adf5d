/**
 * A liveroll that can be killed: starts one instance, prints what would be written down of it, and
 * waits. Its first argument is JSON: the options that {@linkcode runtimeOptions} knows, and what is
 * to be started.
 */
import { ProcessRuntime } from "../../../src/runtime/process.ts";
import { type Chosen, runtimeOptions } from "./runtime_options.ts";

/** What is to be started, and how. */
export interface FormerLife {
  options: Chosen;
  what: { key: string; id: string; port: number; token: string };
}

if (import.meta.main) {
  const { options, what }: FormerLife = JSON.parse(Deno.args[0]!);
  const runtime = new ProcessRuntime(runtimeOptions(options));
  const { pid, birth } = await runtime.start(what);
  console.log(JSON.stringify({ pid, birth }));
  setInterval(() => {}, 1_000);
}
