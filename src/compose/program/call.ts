import { runShellCommand } from "../../platform/shell_command.ts";
import { ComposeError } from "./compose_error.ts";
import { OutputTail, type Redact } from "./output.ts";

/** More than any configuration has. */
const MAX_CAPTURED_BYTES = 16 * 1024 * 1024;

/** A shell gives this back when there is no such program. */
const NOT_FOUND = 127;

/** One call of a program. */
export interface Call {
  /** The program and its arguments. */
  readonly words: readonly string[];
  /** What is done, in one word. */
  readonly action: string;
  /** Where it is run. */
  readonly directory: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Its output is the result. */
  readonly isCaptured?: boolean;
  /** Its standard output is a file, its standard input another one. */
  readonly stdoutPath?: string;
  readonly stdinPath?: string;
  readonly redact: Redact;
  onLine?(line: string): void;
  readonly signal?: AbortSignal;
}

/** How a program ended that came to its end. */
export interface CallEnd {
  readonly code: number;
  /** Empty unless it was captured. */
  readonly stdout: string;
  readonly lastLines: readonly string[];
}

/**
 * Runs a program in its own process group, and waits until nothing of it is left.
 *
 * @throws {ComposeError} When it did not come to its end by itself.
 * @throws The signal's reason, when it aborts.
 */
export async function call(options: Call): Promise<CallEnd> {
  const { action, isCaptured = false, onLine, redact, signal } = options;
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
    if (result.outcome !== "exited") throw new ComposeError(action, result.outcome, { lastLines });
    const { code, signal: killer } = result.exit;
    if (killer !== null) throw new ComposeError(action, "killed", { lastLines });
    return { code, stdout: result.stdout, lastLines };
  } finally {
    await command.idle;
  }
}

/**
 * {@linkcode call}, and success or nothing.
 *
 * @throws {ComposeError} When it fails.
 */
export async function callOrThrow(options: Call): Promise<CallEnd> {
  const end = await call(options);
  const { code, lastLines } = end;
  if (code === NOT_FOUND) throw new ComposeError(options.action, "missing", { lastLines });
  if (code !== 0) throw new ComposeError(options.action, "failed", { code, lastLines });
  return end;
}

/** Words are quoted: nothing in them means anything to the shell. */
function shellLine({ words, directory, stdoutPath, stdinPath }: Call): string {
  const input = stdinPath === undefined ? "" : ` < ${quoted(stdinPath)}`;
  const output = stdoutPath === undefined ? "" : ` > ${quoted(stdoutPath)}`;
  return `cd ${quoted(directory)} && exec ${words.map(quoted).join(" ")}${input}${output}`;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
