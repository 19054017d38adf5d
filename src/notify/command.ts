import type { CommandTarget } from "../config/notify_kind.ts";
import { runShellCommand } from "../platform/shell_command.ts";
import type { Channel } from "./channel.ts";
import type { Environment } from "./credentials.ts";
import { type Letter, plainText } from "./letter.ts";
import { shellQuoted } from "./shell_words.ts";

/** The mailbox gives up earlier; this is for what does not listen to it. */
const LIMIT_MS = 60_000;

/** Hands the message to a shell command, in its environment and on its standard input. */
export class CommandChannel implements Channel {
  readonly name = "command";
  readonly #command: string;
  readonly #env: Environment;

  constructor({ command }: CommandTarget, env: Environment) {
    this.#command = command;
    this.#env = env;
  }

  async deliver(letter: Letter, signal: AbortSignal): Promise<void> {
    const said: string[] = [];
    const { result, idle } = runShellCommand(withInput(this.#command), {
      env: { ...this.#env, ...variables(letter) },
      timeoutMs: LIMIT_MS,
      signal,
      onLine: (line) => said.splice(0, said.length, line),
    });
    try {
      const ended = await result;
      if (ended.outcome !== "exited") throw new Error("it took too long");
      const { code, signal: killer } = ended.exit;
      if (code === 0) return;
      const how = killer === null ? `it ended with code ${code}` : `it was ended by ${killer}`;
      throw new Error([how, ...said].join(": "));
    } finally {
      await idle;
    }
  }

  problems(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }
}

/** A command that does not read its input is no mistake: the code of the pipe is its own. */
function withInput(command: string): string {
  return `printf '%s\\n' "$LIVEROLL_MESSAGE" | sh -c ${shellQuoted(command)}`;
}

function variables(letter: Letter): Record<string, string> {
  const { app, host, event, importance, title, at, roll, from, to, running, command } = letter;
  const values = {
    LIVEROLL_APP: app,
    LIVEROLL_HOST: host,
    LIVEROLL_EVENT: event,
    LIVEROLL_IMPORTANCE: importance,
    LIVEROLL_TITLE: title,
    LIVEROLL_MESSAGE: plainText(letter),
    LIVEROLL_AT: at,
    LIVEROLL_ROLL_ID: roll === null ? "" : `${roll}`,
    LIVEROLL_FROM_ID: from ?? "",
    LIVEROLL_TO_ID: to ?? "",
    LIVEROLL_RUNNING_ID: running ?? "",
    LIVEROLL_COMMAND: command,
  };
  // No variable can hold a NUL.
  const clean = Object.entries(values).map(([name, value]) => [name, value.replaceAll("\0", "")]);
  return Object.fromEntries(clean);
}
