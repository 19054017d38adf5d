import { childEnvironment } from "../../platform/environment.ts";
import { runTool } from "../../platform/run_tool.ts";
import { COMPRESSIONS, HostArchiver } from "./host_archiver.ts";

const TIMEOUT_MS = 10_000;

/**
 * The archiver of this host, with the best compression that is installed.
 *
 * @param env The environment of this process.
 * @returns Null: something is missing, or its `tar` is not GNU's.
 */
export async function findHostArchiver(
  env: Readonly<Record<string, string>>,
): Promise<HostArchiver | null> {
  const child = childEnvironment(env);
  for (const program of ["tar", "du", "sync"]) {
    // BusyBox and BSD have programs of these names that cannot do what we ask for.
    if (!/\bGNU\b/.test(await versionOf(program, child))) return null;
  }
  for (const compression of COMPRESSIONS) {
    if (await versionOf(compression, child) !== "") return new HostArchiver(compression, child);
  }
  return null;
}

/** What it says of itself; empty: nothing, it is not there. */
async function versionOf(program: string, env: Readonly<Record<string, string>>): Promise<string> {
  const { code, ...end } = await runTool({
    words: [program, "--version"],
    directory: "/",
    env,
    timeoutMs: TIMEOUT_MS,
    isCaptured: true,
    redact: (text) => text,
  });
  return code === 0 && "stdout" in end ? end.stdout : "";
}
