import type { UpgradeStart } from "../../control/operator.ts";
import { describeMode, handoverMode } from "../../handover/means.ts";

/** How long the new program may take to read the options. */
const CHECK_MS = 60_000;

/**
 * Starts a program in the background, so that it is nobody's child but that of the service manager
 * (which waits in vain for the end of a main process that is not), and writes its pid to a file: a
 * further descriptor would cost it the supplementary groups, which Deno takes from such a child.
 */
const IN_BACKGROUND = `"$@" </dev/null & echo $! >"$0"`;

/** A file that others can change is nobody's program. */
const WRITABLE_BY_OTHERS = 0o022;
const ROOT = 0;

/** What a {@linkcode SelfUpgrade} needs. */
export interface SelfUpgradeOptions {
  /** Where sockets are handed over; null: nowhere. */
  handover: string | null;
  /** The whole command line of this process. @default {`/proc/self/cmdline`} */
  commandLine?: readonly string[];
  /** Its end: what the program itself was given. @default {Deno.args} */
  args?: readonly string[];
}

/** Starts the liveroll that takes the place of this one. */
export class SelfUpgrade {
  readonly #handover: string | null;
  readonly #commandLine: readonly string[] | null;
  readonly #args: readonly string[];
  #isStarting = false;

  constructor({ handover, commandLine, args = Deno.args }: SelfUpgradeOptions) {
    this.#handover = handover;
    this.#args = args;
    this.#commandLine = commandLine ?? null;
  }

  /**
   * Lets the new program check the options, and starts it.
   *
   * @param binary Path of the new program; null: whatever lies in the place of this one now.
   */
  async start(binary: string | null): Promise<UpgradeStart> {
    const why = this.#obstacle() ?? (binary === null ? null : complaintAbout(binary));
    if (why !== null) return { refused: why };
    this.#isStarting = true;
    try {
      const program = binary === null ? this.#ownProgram() : [binary];
      const complaint = await complaintOf([...program, ...checking(this.#args)]);
      if (complaint !== null) return { refused: complaint };
      return { pid: await startInBackground([...program, ...this.#args], this.#handover!) };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { refused: `the new liveroll cannot be started: ${message}` };
    } finally {
      this.#isStarting = false;
    }
  }

  /** Not Deno.execPath(): of a file that was replaced it says that it was deleted. */
  #ownProgram(): readonly string[] {
    const line = this.#commandLine ?? ownCommandLine();
    return line.slice(0, line.length - this.#args.length);
  }

  #obstacle(): string | null {
    if (this.#isStarting) return "another one is being started";
    if (this.#handover === null) {
      return "this liveroll hands nothing over: give it --handover, or restart the service";
    }
    const mode = handoverMode();
    return mode.name === "full" ? null : `${describeMode(mode)}; restart the service`;
  }
}

/** The same options, which are only to be checked. */
export function checking(args: readonly string[]): string[] {
  const [first, ...rest] = args;
  if (first === undefined || first.startsWith("-")) return ["--check", ...args];
  return [first, "--check", ...rest];
}

function ownCommandLine(): string[] {
  return Deno.readTextFileSync("/proc/self/cmdline").split("\0").slice(0, -1);
}

function complaintAbout(binary: string): string | null {
  if (!binary.startsWith("/")) return `${binary} is no absolute path`;
  try {
    const { isFile, mode, uid } = Deno.statSync(binary);
    if (!isFile) return `${binary} is no file`;
    if (uid !== ROOT && uid !== Deno.uid()) return `${binary} belongs to user ${uid}; chown it`;
    if ((mode ?? 0) & WRITABLE_BY_OTHERS) return `${binary} can be changed by others; chmod go-w`;
    return null;
  } catch (error) {
    return `${binary} cannot be used: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** @returns What the program has against the options; null: nothing. */
async function complaintOf([program = "", ...args]: readonly string[]): Promise<string | null> {
  const { success, code, stderr } = await new Deno.Command(program, {
    args,
    stdin: "null",
    signal: AbortSignal.timeout(CHECK_MS),
  }).output();
  if (success) return null;
  const said = new TextDecoder().decode(stderr).trim().split("\n")[0] ?? "";
  return `the new liveroll refuses these options (exit status ${code}): ${said}`;
}

/** @param directory Closed to others. @returns The pid. */
async function startInBackground(line: readonly string[], directory: string): Promise<number> {
  // Of a watchdog that is meant for this process, the next one would think it is not for itself.
  const { WATCHDOG_PID: _, ...env } = Deno.env.toObject();
  const pidFile = await Deno.makeTempFile({ dir: directory, prefix: "successor-" });
  try {
    await new Deno.Command("sh", {
      args: ["-c", IN_BACKGROUND, pidFile, ...line],
      env,
      clearEnv: true,
      stdin: "null",
      stdout: "inherit",
      stderr: "inherit",
    }).spawn().status;
    const pid = Number((await Deno.readTextFile(pidFile)).trim());
    if (pid > 0) return pid;
    throw new Error("no shell could start it");
  } finally {
    await Deno.remove(pidFile);
  }
}
