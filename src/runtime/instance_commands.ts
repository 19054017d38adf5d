import { abortable } from "@std/async/abortable";
import type { CommandEnd } from "../health/inside.ts";
import { runShellCommand } from "../platform/shell_command.ts";

/** Far beyond every probe; whoever asks sets the real limit by a signal. */
const LONGEST_MS = 24 * 3_600_000;

/** Commands that are run beside an instance, in its environment. */
export class InstanceCommands {
  readonly #env: Readonly<Record<string, string>>;
  readonly #closing = new AbortController();
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
    const { result, idle } = runShellCommand(command, {
      env: this.#env,
      timeoutMs: LONGEST_MS,
      signal: ends,
      onLine: (line) => lastLine = line.trim() || lastLine,
    });
    this.#idle = idle;
    const end = await result;
    return { code: end.outcome === "exited" ? end.exit.code : -1, lastLine };
  }

  /** Ends what runs. Resolves when nothing is left; always ends, never rejects. */
  async close(): Promise<void> {
    this.#closing.abort(new Error("it has been stopped"));
    await this.#idle;
  }
}
