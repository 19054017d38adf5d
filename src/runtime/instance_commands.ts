import { abortable } from "@std/async/abortable";
import type { CommandEnd } from "../health/inside.ts";
import { sweepEscapees } from "../platform/escapees.ts";
import { runShellCommand } from "../platform/shell_command.ts";

/** Far beyond every probe; whoever asks sets the real limit by a signal. */
const LONGEST_MS = 24 * 3_600_000;

/** Time between TERM and KILL for what commands have left in sessions of their own. */
const LEFT_BEHIND_GRACE_MS = 1_000;

/** Commands that are run beside an instance, in its environment. */
export class InstanceCommands {
  readonly #env: Readonly<Record<string, string>>;
  /** Not the instance's: what is left of a command that hangs is ended while the instance lives. */
  readonly #token = crypto.randomUUID();
  readonly #closing = new AbortController();
  #hasRun = false;
  /** Resolves when nothing of the commands so far is left running. */
  #idle: Promise<unknown> = Promise.resolve();

  constructor(env: Readonly<Record<string, string>>) {
    this.#env = env;
  }

  /**
   * Runs `sh -c command` in a process group of its own, which is ended when `signal` aborts. It
   * begins when nothing of the command before is left: one that cannot be ended quickly would
   * otherwise pile up.
   *
   * @throws The signal's reason, when it aborts.
   */
  async run(command: string, signal: AbortSignal): Promise<CommandEnd> {
    const ends = AbortSignal.any([signal, this.#closing.signal]);
    await abortable(this.#idle, ends);
    let lastLine = "";
    this.#hasRun = true;
    const { result, idle } = runShellCommand(command, {
      env: this.#env,
      token: this.#token,
      timeoutMs: LONGEST_MS,
      signal: ends,
      onLine: (line) => lastLine = line.trim() || lastLine,
    });
    this.#idle = idle;
    const end = await result;
    return { code: end.outcome === "exited" ? end.exit.code : -1, lastLine };
  }

  /**
   * Ends what runs, and what commands have left in sessions of their own. Resolves when nothing is
   * left; always ends, never rejects.
   */
  async close(): Promise<void> {
    this.#closing.abort(new Error("it has been stopped"));
    await this.#idle;
    if (this.#hasRun) await sweepEscapees(this.#token, { graceMs: LEFT_BEHIND_GRACE_MS });
  }
}
