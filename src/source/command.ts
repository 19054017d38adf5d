import { abortable } from "@std/async/abortable";
import type { Log } from "../platform/log.ts";
import { RecentLines } from "../platform/recent_lines.ts";
import { type CommandResult, runShellCommand } from "../platform/shell_command.ts";
import { type Source, SourceError } from "../roll/effects.ts";

const MAX_ID_BYTES = 64 * 1024;
const LAST_WORDS = 10;

/** Which commands tell the newest version. */
export interface CommandSourceOptions {
  /** Command that brings the newest version here. */
  pull: string;
  /** Command that prints the id of what was brought. */
  id: string;
  pullTimeoutMs: number;
  idTimeoutMs: number;
  /** The whole environment of both commands. */
  env: Readonly<Record<string, string>>;
  /** Hears what the pull prints, line by line. */
  pullLog: Log;
  /** Hears what the id command prints to its standard error. */
  idLog: Log;
}

/** One command on its way to an id. */
interface Step {
  name: "pull" | "id";
  command: string;
  timeoutMs: number;
  captureBytes?: number;
}

/**
 * Learns the newest version from two shell commands: one pulls it, one prints its id.
 *
 * The id is what the second command prints, without surrounding white space. It has to be one line
 * without control characters: it ends up in names, log lines and commands, and several lines are
 * nearly always a command that printed more than was meant.
 */
export class CommandSource implements Source {
  readonly #options: CommandSourceOptions;
  readonly #closed = new AbortController();
  readonly #leftovers = new Set<Promise<void>>();

  constructor(options: CommandSourceOptions) {
    this.#options = options;
  }

  async latest(signal: AbortSignal): Promise<string> {
    const { pull, id, pullTimeoutMs, idTimeoutMs } = this.#options;
    const either = AbortSignal.any([signal, this.#closed.signal]);
    // Two pulls at a time could spoil each other's work.
    await abortable(this.idle(), either);
    await this.#run({ name: "pull", command: pull, timeoutMs: pullTimeoutMs }, either);
    const output = await this.#run({
      name: "id",
      command: id,
      timeoutMs: idTimeoutMs,
      captureBytes: MAX_ID_BYTES,
    }, either);
    return parseId(output);
  }

  /**
   * Resolves when no command is left running. One that was cut short may take a moment longer than
   * the call that it was for.
   */
  async idle(): Promise<void> {
    while (this.#leftovers.size > 0) await Promise.all(this.#leftovers);
  }

  /** Cuts short what runs and waits until nothing is left of it. */
  async close(): Promise<void> {
    this.#closed.abort(new DOMException("The source is closed", "AbortError"));
    await this.idle();
  }

  /** @returns What a captured standard output said. */
  async #run(step: Step, signal: AbortSignal): Promise<string> {
    const { name, command, ...limits } = step;
    const log = name === "pull" ? this.#options.pullLog : this.#options.idLog;
    const last = new RecentLines(LAST_WORDS);
    const { result, idle } = runShellCommand(command, {
      ...limits,
      env: this.#options.env,
      signal,
      onLine: (line, stream) => {
        last.push(line);
        log.info(line, { stream });
      },
    });
    this.#leftovers.add(idle);
    idle.then(() => this.#leftovers.delete(idle));
    const ended = await result;
    if (ended.outcome === "exited" && ended.exit.code === 0) return ended.stdout;
    throw new SourceError(name, describe(step, ended, last.all()));
  }
}

/** @throws {SourceError} When `output` is not the id of a version. */
function parseId(output: string): string {
  const id = output.trim();
  if (id === "") throw new SourceError("id", "Cannot read the id: the id command printed nothing");
  const lines = id.split(/\r?\n/).length;
  if (lines > 1) {
    throw new SourceError("id", `Cannot read the id: ${lines} lines instead of one: ${quote(id)}`);
  }
  if (/\p{Cc}/u.test(id)) {
    throw new SourceError("id", `Cannot read the id: control characters in ${quote(id)}`);
  }
  return id;
}

function describe(step: Step, result: CommandResult, last: readonly string[]): string {
  const words = last.length === 0 ? "" : `; its last lines:\n${last.join("\n")}`;
  return `Cannot run the ${step.name} command: ${reason(step, result)}${words}`;
}

function reason({ timeoutMs }: Step, result: CommandResult): string {
  if (result.outcome === "timed_out") return `not done within ${timeoutMs / 1000}s`;
  if (result.outcome === "too_long") return `more than ${MAX_ID_BYTES} bytes of output`;
  const { code, signal } = result.exit;
  return signal === null ? `exit status ${code}` : `ended by ${signal}`;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? text.slice(0, 80) + "…" : text);
}
