/** What a command may do to the world besides its task; tests put fakes here. */
export interface Io {
  readonly env: Readonly<Record<string, string>>;
  /** @throws When the file cannot be read. */
  readFile(path: string): string;
  /** Prints to standard output, with a line end. */
  out(text: string): void;
  /** Prints to standard error, with a line end. */
  err(text: string): void;
}

/** One verb of the command line. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  /** Takes the options of the table. */
  readonly takesOptions: boolean;
  /**
   * Does its work.
   *
   * @param args What follows the verb.
   * @returns The exit code.
   */
  run(args: readonly string[], io: Io): Promise<number>;
}

/** The exit code for input that nothing could be done with, as Go's flag package has it. */
export const EXIT_USAGE = 2;

/** Standard streams, files and environment of this process. */
export function systemIo(): Io {
  return {
    env: Deno.env.toObject(),
    readFile: (path) => Deno.readTextFileSync(path),
    out: (text) => console.log(text),
    err: (text) => console.error(text),
  };
}
