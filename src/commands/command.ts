import type { Flag } from "../config/options.ts";
import { type Clock, systemClock } from "../platform/clock.ts";
import { exists } from "../platform/exists.ts";
import { readUtf8 } from "../platform/read_utf8.ts";
import { EXIT } from "./exit_codes.ts";
import { type OutputStream, systemStream } from "./output_stream.ts";

/** What a command may do to the world besides its task; tests put fakes here. */
export interface Io {
  readonly env: Readonly<Record<string, string>>;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly clock: Clock;
  /** @throws When the file cannot be read. */
  readFile(path: string): string;
  /** Whether something is there; what we may not look at is not. */
  exists(path: string): boolean;
  /** Prints to standard output, with a line end. */
  out(text: string): void;
  /** Prints to standard error, with a line end. */
  err(text: string): void;
  /** Milliseconds since 1970. */
  date(): number;
  /** Calls `listener` on Ctrl-C, which ends nothing then, until the result is disposed. */
  onInterrupt(listener: () => void): Disposable;
}

/** Headings of the list of commands, in order. */
export const COMMAND_GROUPS = ["Run", "Look", "Steer", "Tools"] as const;

/** A flag of a command, as help and completions show it. */
export interface FlagHelp {
  /** Without dashes. */
  readonly name: string;
  /** A shorter spelling, without its dash. */
  readonly short?: string;
  /** Stands for the value; null: it takes none. */
  readonly placeholder: string | null;
  readonly help: string;
}

/** A word that a command takes. */
export interface Word {
  readonly name: string;
  readonly required?: true;
  /** The only words it may be. */
  readonly choices?: readonly string[];
  /** A whole number from 1 on. */
  readonly isNumber?: true;
}

/** One verb of the command line. */
export interface Command {
  readonly name: string;
  readonly group: (typeof COMMAND_GROUPS)[number];
  readonly summary: string;
  /** Takes the options of the table. */
  readonly takesOptions: boolean;
  /** Which of them; absent: all. */
  readonly optionsFor?: (flag: Flag) => boolean;
  /** What help says of it; absent: help has it in its own list. */
  readonly about?: string;
  readonly words: readonly Word[];
  /** Flags of its own. */
  readonly flags: readonly FlagHelp[];
  /**
   * Does its work.
   *
   * @param args What follows the verb.
   * @returns The exit code.
   */
  run(args: readonly string[], io: Io): Promise<number>;
}

/** The exit code for input that nothing could be done with, as Go's flag package has it. */
export const EXIT_USAGE = EXIT.usage;

/** Standard streams, files and environment of this process. */
export function systemIo(): Io {
  const stdout = systemStream(Deno.stdout);
  const stderr = systemStream(Deno.stderr);
  return {
    env: Deno.env.toObject(),
    stdout,
    stderr,
    clock: systemClock,
    readFile: readUtf8,
    exists,
    out: (text) => stdout.write(`${text}\n`),
    err: (text) => stderr.write(`${text}\n`),
    date: () => Date.now(),
    onInterrupt(listener) {
      Deno.addSignalListener("SIGINT", listener);
      return { [Symbol.dispose]: () => Deno.removeSignalListener("SIGINT", listener) };
    },
  };
}
