import { INSTANCE_VARIABLE } from "./escapees.ts";
import { groupRuns } from "./proc.ts";
import {
  belongsTo,
  type ProcessBody,
  type ProcessExit,
  terminateGroup,
  type TerminateOptions,
  type TerminateOutcome,
} from "./process_body.ts";

export type { ProcessExit, TerminateOptions, TerminateOutcome } from "./process_body.ts";

/** How a command is started. */
export interface SpawnOptions {
  /** The whole environment; nothing else is inherited. */
  env: Readonly<Record<string, string>>;
  /** Token that all descendants carry in `LIVEROLL_INSTANCE`; unique for this group. */
  token: string;
  /** Where it runs; our own working directory if absent. */
  cwd?: string;
  /** @default {"piped"} */
  output?: "piped" | "inherit";
  /** @default {"null"} */
  input?: "null" | "inherit";
}

/**
 * A shell command in its own session and process group.
 *
 * The leader is the shell. It may end long before the rest (`cd x && ./app; true`: the shell dies
 * of TERM at once while the app still finishes its work), so the group is what counts.
 */
export class ProcessGroup implements ProcessBody {
  /** The id of the leader and of the group. */
  readonly pid: number;
  /** Resolves when the leader has ended; never rejects. Others of the group may still run. */
  readonly exited: Promise<ProcessExit>;
  readonly stdout: ReadableStream<Uint8Array> | null;
  readonly stderr: ReadableStream<Uint8Array> | null;

  readonly #token: string;
  #exit: ProcessExit | null = null;
  #gone = false;

  /** @throws {Deno.errors.NotFound} When there is no `sh`. */
  static spawn(command: string, options: SpawnOptions): ProcessGroup {
    return new ProcessGroup(command, options);
  }

  private constructor(command: string, options: SpawnOptions) {
    const { env, token, cwd, output = "piped", input = "null" } = options;
    const child = new Deno.Command("sh", {
      args: ["-c", command],
      ...(cwd !== undefined && { cwd }),
      env: { ...env, [INSTANCE_VARIABLE]: token },
      clearEnv: true,
      detached: true,
      stdin: input,
      stdout: output,
      stderr: output,
    }).spawn();
    this.pid = child.pid;
    this.#token = token;
    this.stdout = output === "piped" ? child.stdout : null;
    this.stderr = output === "piped" ? child.stderr : null;
    this.exited = child.status.then(({ code, signal }) => {
      this.#gone = !this.#send(0);
      return this.#exit = { code, signal };
    });
  }

  /** Set as soon as the end of the leader is known. */
  get exit(): ProcessExit | null {
    return this.#exit;
  }

  /** Sends `signal` to every process of the group, if there still is one. */
  signalGroup(signal: Deno.Signal): void {
    // The id of a group that is gone may belong to a stranger by now.
    if (!this.#gone) this.#send(signal);
  }

  /** Whether no process of the group runs any more; zombies do not count as running. */
  async isGone(): Promise<boolean> {
    if (this.#gone) return true;
    if (this.#exit === null) return false;
    this.#gone = !this.#send(0) || await this.#onlyZombiesAreLeft();
    return this.#gone;
  }

  /** Whether `pid` belongs to it: by group, by descent, or by the token that it carries. */
  includes(pid: number): Promise<boolean> {
    return belongsTo(pid, { group: this.pid, token: this.#token });
  }

  terminate(options: TerminateOptions): Promise<TerminateOutcome> {
    return terminateGroup(this, this.#token, options);
  }

  /** There is nothing to let go of: the system tells when the leader ends. */
  release(): void {}

  async #onlyZombiesAreLeft(): Promise<boolean> {
    if (Deno.build.os !== "linux") return false;
    // Twice: a process that forks and ends while it is being looked at hides its child once.
    return !await groupRuns(this.pid) && !await groupRuns(this.pid);
  }

  /** @returns Whether there was anybody to send to. */
  #send(signal: Deno.Signal | 0): boolean {
    try {
      Deno.kill(-this.pid, signal);
      return true;
    } catch (error) {
      // Anything else (a process that changed its user) means: there, but not ours to signal.
      return !(error instanceof Deno.errors.NotFound);
    }
  }
}
