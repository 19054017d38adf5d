import { abortable } from "@std/async/abortable";
import type { CommandEnd } from "../health/inside.ts";
import { sweepEscapees } from "../platform/escapees.ts";
import { runShellCommand } from "../platform/shell_command.ts";

/** Far beyond every probe; whoever asks sets the real limit by a signal. */
const LONGEST_MS = 24 * 3_600_000;

/** Time between TERM and KILL for what commands have left in sessions of their own. */
const LEFT_BEHIND_GRACE_MS = 1_000;

/**
 * What the commands of the instance that carries `token` carry. Not the same: what is left of a
 * command that hangs is ended while the instance lives.
 */
export function commandToken(token: string): string {
  return `${token}/command`;
}

/** Ends the commands that were run beside the instance that carries `token`, by whomever. */
export async function endLeftCommands(token: string): Promise<void> {
  await sweepEscapees(commandToken(token), { graceMs: LEFT_BEHIND_GRACE_MS });
}

/** Commands that are run beside an instance, in its environment. */
export class InstanceCommands {
  readonly #env: Readonly<Record<string, string>>;
  readonly #instanceToken: string;
  readonly #closing = new AbortController();
  #hasRun = false;
  /** Resolves when nothing of the commands so far is left running. */
  #idle: Promise<unknown> = Promise.resolve();

  constructor(env: Readonly<Record<string, string>>, instanceToken: string) {
    this.#env = env;
    this.#instanceToken = instanceToken;
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
      token: commandToken(this.#instanceToken),
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
    if (this.#hasRun) await endLeftCommands(this.#instanceToken);
  }
}
