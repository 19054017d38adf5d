import { INSTANCE_VARIABLE, sweepEscapees } from "./escapees.ts";
import { pause, poll } from "./poll.ts";
import { groupRuns, hasVariable, processKin } from "./proc.ts";

const KILL_WAIT_MS = 5_000;
const LEAST_SWEEP_GRACE_MS = 1_000;

/** How a process ended. */
export interface ProcessExit {
  /** Exit status, 128 + signal number when a signal ended it. */
  code: number;
  /** For example `SIGKILL`; null for a normal exit. */
  signal: string | null;
}

/** What ending a group took. */
export type TerminateOutcome = "already_gone" | "stopped" | "killed" | "survived";

/** How a command is started. */
export interface SpawnOptions {
  /** The whole environment; nothing else is inherited. */
  env: Readonly<Record<string, string>>;
  /** Token that all descendants carry in `LIVEROLL_INSTANCE`; unique for this group. */
  token: string;
  /** @default {"piped"} */
  output?: "piped" | "inherit";
}

/** How a group is ended. */
export interface TerminateOptions {
  /** Sent first; null: somebody else has already asked. */
  signal: Deno.Signal | null;
  /** Time until KILL, in milliseconds. */
  timeoutMs: number;
  /** Ends the waiting: KILL at once. */
  force?: AbortSignal;
  /** Whether to end daemonised descendants too. @default {true} */
  sweep?: boolean;
}

/**
 * A shell command in its own session and process group.
 *
 * The leader is the shell. It may end long before the rest (`cd x && ./app; true`: the shell dies
 * of TERM at once while the app still finishes its work), so the group is what counts.
 */
export class ProcessGroup {
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

  private constructor(command: string, { env, token, output = "piped" }: SpawnOptions) {
    const child = new Deno.Command("sh", {
      args: ["-c", command],
      env: { ...env, [INSTANCE_VARIABLE]: token },
      clearEnv: true,
      detached: true,
      stdin: "null",
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
  async includes(pid: number): Promise<boolean> {
    if (await hasVariable(pid, INSTANCE_VARIABLE, this.#token)) return true;
    for (let at = pid; at > 1;) {
      const kin = await processKin(at);
      if (kin === null) return false;
      if (kin.group === this.pid) return true;
      at = kin.parent;
    }
    return false;
  }

  /**
   * Asks the group to end, waits for all of it, kills what is left, and ends the descendants that
   * left the group. Always ends; never rejects.
   */
  async terminate(options: TerminateOptions): Promise<TerminateOutcome> {
    const { signal, timeoutMs, force, sweep = true } = options;
    const start = performance.now();
    const wasGone = await this.isGone();
    if (signal !== null) this.#ask(signal);
    const obeyed = await this.#waitUntilGone(timeoutMs, force);
    if (!obeyed) this.signalGroup("SIGKILL");
    if (!obeyed && !await this.#waitUntilGone(KILL_WAIT_MS)) return "survived";
    const leftMs = timeoutMs - (performance.now() - start);
    const swept = sweep
      ? await sweepEscapees(this.#token, { graceMs: Math.max(leftMs, LEAST_SWEEP_GRACE_MS), force })
      : "none";
    if (swept === "survived") return "survived";
    if (!obeyed || swept === "killed") return "killed";
    return wasGone && swept === "none" ? "already_gone" : "stopped";
  }

  async #onlyZombiesAreLeft(): Promise<boolean> {
    if (Deno.build.os !== "linux") return false;
    // Twice: a process that forks and ends while it is being looked at hides its child once.
    return !await groupRuns(this.pid) && !await groupRuns(this.pid);
  }

  #ask(signal: Deno.Signal): void {
    this.signalGroup(signal);
    // A stopped process hears nothing but KILL until it is continued.
    this.signalGroup("SIGCONT");
  }

  async #waitUntilGone(timeoutMs: number, force?: AbortSignal): Promise<boolean> {
    const start = performance.now();
    await this.#waitForLeader(timeoutMs, force);
    const leftMs = Math.max(timeoutMs - (performance.now() - start), 0);
    return await poll(() => this.isGone(), { timeoutMs: leftMs, signal: force });
  }

  async #waitForLeader(timeoutMs: number, force?: AbortSignal): Promise<void> {
    if (this.#exit !== null || force?.aborted) return;
    const over = new AbortController();
    const signal = force ? AbortSignal.any([over.signal, force]) : over.signal;
    await Promise.race([this.exited, pause(timeoutMs, signal)]);
    over.abort();
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
