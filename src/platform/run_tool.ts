import { OutputTail, type Redact } from "./output_tail.ts";
import { runShellCommand } from "./shell_command.ts";

/** More than any configuration has. */
const MAX_CAPTURED_BYTES = 16 * 1024 * 1024;

/** One call of a program. */
export interface ToolCall {
  /** The program and its arguments. */
  readonly words: readonly string[];
  /** Where it is run. */
  readonly directory: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Its output is the result. */
  readonly isCaptured?: boolean;
  /** Its standard output is a file, which is made for its owner only. */
  readonly stdoutPath?: string;
  /** Its standard input is a file. */
  readonly stdinPath?: string;
  readonly redact: Redact;
  onLine?(line: string): void;
  readonly signal?: AbortSignal;
}

/** How a program ended that came to its end. */
export interface ToolEnd {
  /** 127: there is no such program. */
  readonly code: number;
  /** Empty unless it was captured. */
  readonly stdout: string;
  readonly lastLines: readonly string[];
}

/** How a program did not come to its end. */
export interface ToolCut {
  readonly code: null;
  readonly outcome: "killed" | "timed_out" | "too_long";
  readonly lastLines: readonly string[];
}

/**
 * Runs a program in its own process group, and waits until nothing of it is left.
 *
 * @throws The signal's reason, when it aborts.
 */
export async function runTool(options: ToolCall): Promise<ToolEnd | ToolCut> {
  const { isCaptured = false, onLine, redact, signal } = options;
  const tail = new OutputTail(redact);
  const command = runShellCommand(shellLine(options), {
    env: options.env,
    timeoutMs: options.timeoutMs,
    onLine(line) {
      tail.push(line);
      onLine?.(redact(line));
    },
    ...(isCaptured && { captureBytes: MAX_CAPTURED_BYTES }),
    ...(signal && { signal }),
  });
  try {
    const result = await command.result;
    const lastLines = tail.lines();
    if (result.outcome !== "exited") return { code: null, outcome: result.outcome, lastLines };
    const { exit: { code, signal: killer }, stdout } = result;
    return killer === null
      ? { code, stdout, lastLines }
      : { code: null, outcome: "killed", lastLines };
  } finally {
    await command.idle;
  }
}

/** Words are quoted: nothing in them means anything to the shell. */
function shellLine({ words, directory, stdoutPath, stdinPath }: ToolCall): string {
  const input = stdinPath === undefined ? "" : ` < ${quoted(stdinPath)}`;
  const output = stdoutPath === undefined ? "" : ` > ${quoted(stdoutPath)}`;
  const mask = stdoutPath === undefined ? "" : "umask 077 && ";
  return `cd ${quoted(directory)} && ${mask}exec ${words.map(quoted).join(" ")}${input}${output}`;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
