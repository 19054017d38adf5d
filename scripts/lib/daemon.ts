import { dirname } from "node:path";

/** A program in the background whose life is bounded, whatever becomes of us. */
export interface Daemon extends AsyncDisposable {
  readonly pid: number;
  /** True until it has ended. */
  readonly running: boolean;
  /** The end of what it printed. */
  log(): Promise<string>;
}

/** How {@linkcode startDaemon} starts a program. */
export interface DaemonOptions {
  /** File for what it prints. */
  logPath: string;
  env?: Record<string, string>;
  /** It is killed after this time even if nobody is left to do so. @default {900} */
  lifetimeSeconds?: number;
  /** Between TERM and KILL when it is disposed. @default {20_000} */
  graceMs?: number;
}

/**
 * Starts a program in its own process group and in the directory of its log, where it may drop what
 * it likes (the monitor of Podman writes a file `oom`); disposing it ends the group.
 */
export function startDaemon(
  program: string,
  args: readonly string[],
  { logPath, env = {}, lifetimeSeconds = 900, graceMs = 20_000 }: DaemonOptions,
): Daemon {
  const child = new Deno.Command("sh", {
    args: ["-c", `exec >"$0" 2>&1; exec timeout -k 10 ${lifetimeSeconds} "$@"`, logPath, program]
      .concat(args),
    cwd: dirname(logPath),
    env,
    stdin: "null",
    stdout: "null",
    stderr: "null",
    detached: true,
  }).spawn();
  let running = true;
  const ended = child.status.then(() => void (running = false));
  return {
    pid: child.pid,
    get running() {
      return running;
    },
    log: async () => (await Deno.readTextFile(logPath).catch(() => "")).slice(-3_000),
    async [Symbol.asyncDispose]() {
      if (running) Deno.kill(child.pid, "SIGTERM");
      const timer = setTimeout(() => killGroup(child.pid), graceMs);
      await ended;
      clearTimeout(timer);
      killGroup(child.pid);
    },
  };
}

/**
 * Asks `attempt` again and again until it says yes.
 *
 * @throws When the time is up, or as soon as `daemon` has ended; the message carries its log.
 */
export async function untilReady(
  name: string,
  daemon: Daemon,
  timeoutMs: number,
  attempt: () => Promise<boolean>,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!await attempt()) {
    if (daemon.running && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      continue;
    }
    const how = daemon.running ? `it was not ready within ${timeoutMs} ms` : "it ended";
    throw new Error(`Cannot start ${name}: ${how}\n${await daemon.log()}`);
  }
}

function killGroup(pid: number): void {
  try {
    Deno.kill(-pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
