import { type Command, EXIT_USAGE, type Io, type Word } from "./command.ts";
import { type CommandFlags, flagHelp, type FlagValues, parseCommand } from "./flags.ts";

/** What somebody asked of a command. */
export interface Asked<F extends CommandFlags> {
  readonly io: Io;
  readonly words: readonly string[];
  readonly values: FlagValues<F>;
}

/** One row of the tables of commands. */
export interface Verb<F extends CommandFlags> {
  readonly name: string;
  readonly group: Command["group"];
  readonly summary: string;
  /** What help says beside usage, flags and exit codes. */
  readonly about: string;
  readonly words?: readonly Word[];
  readonly flags: F;
  run(asked: Asked<F>): Promise<number>;
}

/** Makes a command of a row: reads its arguments, and complains about them. */
export function verb<const F extends CommandFlags>(row: Verb<F>): Command {
  const { name, words = [], flags } = row;
  return {
    ...row,
    takesOptions: false,
    words,
    flags: flagHelp(flags),
    async run(args, io) {
      const parsed = parseCommand(args, flags, words);
      switch (parsed.kind) {
        case "help":
          io.out((await import("./help.ts")).explanation(this));
          return 0;
        case "errors":
          for (const error of parsed.errors) io.err(`liveroll: ${error}`);
          io.err(`Run "liveroll help ${name}" for its options`);
          return EXIT_USAGE;
        case "ok":
          return await row.run({ io, words: parsed.words, values: parsed.values });
      }
    },
  };
}
