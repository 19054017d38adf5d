import { pause } from "./poll.ts";
import { type ProcessExit, ProcessGroup } from "./process_group.ts";
import { Pump, pumpLines } from "./pump.ts";

/** How long those that a command leaves behind may go on to speak. */
const REST_OF_OUTPUT = { idleMs: 250, maxMs: 2_000 };
const KILL_GRACE_MS = 1_500;

/** How a command ended. */
export type CommandResult =
  | { outcome: "exited"; exit: ProcessExit; stdout: string }
  | { outcome: "timed_out" }
  | { outcome: "too_long" };

/** What a command may do. */
export interface ShellCommandOptions {
  /** The whole environment; nothing else is inherited. */
  env: Readonly<Record<string, string>>;
  timeoutMs: number;
  /** Called with every line, except those of a captured standard output. */
  onLine(line: string, stream: "stdout" | "stderr"): void;
  /** Keep up to so many bytes of standard output for the result; more is `too_long`. */
  captureBytes?: number;
  /** Token that its descendants carry, if they belong to something else. @default {its own} */
  token?: string;
  /** How long what is left of it may be silent, and speak, after its end. @default {250, 2000} */
  rest?: { idleMs: number; maxMs: number };
  signal?: AbortSignal;
}

/** A started command. */
export interface ShellCommand {
  /**
   * Settles as soon as the outcome is known, at once on abort and timeout.
   *
   * @throws The signal's reason, when it aborts.
   */
  result: Promise<CommandResult>;
  /** Resolves when nothing of the command is left running; never rejects, always ends. */
  idle: Promise<void>;
}

/**
 * Runs `sh -c command` to its end, in its own process group.
 *
 * The group ends with the command: background jobs that it leaves behind are asked to end, then
 * killed. What has daemonised itself stays, unless the command is cut short: then that ends too.
 *
 * @throws The signal's reason, when it has aborted already; nothing is started.
 */
export function runShellCommand(command: string, options: ShellCommandOptions): ShellCommand {
  options.signal?.throwIfAborted();
  const { env, token = crypto.randomUUID() } = options;
  const group = ProcessGroup.spawn(command, { env, token });
  const capture = new Capture(options.captureBytes ?? 0);
  const pumps = [
    options.captureBytes === undefined
      ? pumpLines(group.stdout!, (line) => options.onLine(line, "stdout"))
      : new Pump(group.stdout!, (chunk) => capture.push(chunk)),
    pumpLines(group.stderr!, (line) => options.onLine(line, "stderr")),
  ];
  const result = outcome(group, pumps, capture, options);
  return { result, idle: cleanUp(group, pumps, result) };
}

async function outcome(
  group: ProcessGroup,
  pumps: readonly Pump[],
  capture: Capture,
  { timeoutMs, rest = REST_OF_OUTPUT, signal }: ShellCommandOptions,
): Promise<CommandResult> {
  const over = new AbortController();
  const ended = group.exited.then(async (exit): Promise<CommandResult> => {
    await Promise.all(pumps.map((pump) => pump.settled(rest)));
    return { outcome: "exited", exit, stdout: capture.text() };
  });
  const timer = AbortSignal.any(signal ? [over.signal, signal] : [over.signal]);
  const timedOut = pause(timeoutMs, timer).then((): CommandResult => ({ outcome: "timed_out" }));
  const tooLong = capture.overflow.then((): CommandResult => ({ outcome: "too_long" }));
  const result = await Promise.race([ended, timedOut, tooLong]);
  over.abort();
  signal?.throwIfAborted();
  return result;
}

async function cleanUp(
  group: ProcessGroup,
  pumps: readonly Pump[],
  result: Promise<CommandResult>,
): Promise<void> {
  const ended = await result.then(({ outcome }) => outcome === "exited", () => false);
  await group.terminate({ signal: "SIGTERM", timeoutMs: KILL_GRACE_MS, sweep: !ended });
  await Promise.all(pumps.map((pump) => pump.close()));
}

/** Keeps the beginning of an output. */
class Capture {
  /** Resolves when there was more than may be kept. */
  readonly overflow: Promise<void>;
  readonly #chunks: Uint8Array[] = [];
  readonly #reportOverflow: () => void;
  #room: number;

  constructor(maxBytes: number) {
    this.#room = maxBytes;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.overflow = promise;
    this.#reportOverflow = resolve;
  }

  push(chunk: Uint8Array): void {
    this.#room -= chunk.length;
    if (this.#room < 0) this.#reportOverflow();
    else this.#chunks.push(chunk);
  }

  text(): string {
    const decoder = new TextDecoder();
    const parts = this.#chunks.map((chunk) => decoder.decode(chunk, { stream: true }));
    return parts.join("") + decoder.decode();
  }
}
