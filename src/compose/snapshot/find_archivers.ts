import { childEnvironment } from "../../platform/environment.ts";
import type { ComposeProgram } from "../program/compose_program.ts";
import type { ComposeStack } from "../program/stack.ts";
import { runTool } from "../run_tool.ts";
import type { ArchiveOptions } from "./archiver.ts";
import { COMPRESSIONS, HostArchiver } from "./host_archiver.ts";

const TIMEOUT_MS = 10_000;

/** What the image needs: to pack, and to empty and unpack. */
const LOOK = "command -v tar && command -v gzip && command -v rm";

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

/** Whether the image of a service has what a `ContainerArchiver` needs. Starts a container. */
export async function imageHasTar(
  compose: ComposeProgram,
  stack: ComposeStack,
  service: string,
  options: ArchiveOptions,
): Promise<boolean> {
  const shot = { service, entrypoint: "sh", command: ["-c", LOOK] };
  return (await compose.runOnce(stack, shot, options)).code === 0;
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
