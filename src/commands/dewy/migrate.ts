import { EXIT_USAGE, type Io } from "../command.ts";
import { fromDewy } from "./from_dewy.ts";
import { type DewyCommand, SUBJECT_OF } from "./keep_up.ts";
import { shellWords } from "./shell_words.ts";

/**
 * `liveroll migrate dewy -- COMMAND LINE`: prints what it becomes; what is not quite the same goes
 * to standard error.
 *
 * @returns The exit code.
 */
export function migrate(args: readonly string[], io: Io): number {
  const [from, dashes, ...rest] = args;
  if (from !== "dewy" || dashes !== "--" || rest.length === 0) {
    io.err("liveroll: give the old command line: liveroll migrate dewy -- dewy server …");
    return EXIT_USAGE;
  }
  const [command = "", ...options] = /(^|\/)dewy$/.test(rest[0] ?? "") ? rest.slice(1) : rest;
  if (!isKnown(command)) {
    const known = Object.keys(SUBJECT_OF).join(" and ");
    io.err(`liveroll: ${JSON.stringify(command)} cannot be migrated, only ${known} can`);
    return EXIT_USAGE;
  }
  const { args: ours, notes, problems } = fromDewy(command, options, Deno.cwd());
  for (const line of [...problems, ...notes]) io.err(`# ${line}`);
  if (problems.length > 0) return EXIT_USAGE;
  io.out(shellWords(["liveroll", command, ...ours]));
  return 0;
}

function isKnown(command: string): command is DewyCommand {
  return Object.hasOwn(SUBJECT_OF, command);
}
