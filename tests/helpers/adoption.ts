import { assert, assertEquals } from "@std/assert";
import { poll } from "../../src/platform/poll.ts";
import { PATIENCE_MS } from "./event_log.ts";
import type { Home } from "./home.ts";
import type { Liveroll } from "./liveroll.ts";
import { inspect } from "./proc.ts";
import { TOY_COMMANDS } from "./toy.ts";

/** Writes down where the application is, for a stop command that knows nothing else. */
export const WITH_PID_FILE = `echo $$ > "$TOY_DIR/pid-<<PORT>>"; exec ${TOY_COMMANDS.deno}`;

/** Ends it, and says so in a file. */
export const STOP_BY_FILE =
  'kill "$(cat "$TOY_DIR/pid-<<PORT>>")" && echo "<<ID>>" >> "$TOY_DIR/stopped"';

/** Waits until the process `pid` is adopted and serves. */
export async function isAdopted(liveroll: Liveroll, pid: number): Promise<void> {
  await liveroll.waitFor("instance.adopted");
  assertEquals(Number((await liveroll.ask("/pid")).text), pid);
}

/**
 * Waits until the process `pid`, of the newest version, is adopted and serves, and the first check
 * is over: it would find what a test publishes next, and a forced one would bring that once more.
 */
export async function adopts(liveroll: Liveroll, pid: number): Promise<void> {
  await isAdopted(liveroll, pid);
  await liveroll.waitFor("check.unchanged");
}

/** Waits until `pid` is gone. */
export async function ends(pid: number): Promise<void> {
  assert(await poll(() => inspect(pid) === null, { timeoutMs: PATIENCE_MS }), `${pid} lives on`);
}

/** The versions that {@linkcode STOP_BY_FILE} has ended. */
export function stoppedWords(home: Home): string[] {
  return Deno.readTextFileSync(`${home.workspace.dir}/stopped`).trim().split("\n");
}
