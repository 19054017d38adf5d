import { EXIT_USAGE, type Io } from "../command.ts";
import { fromDewy } from "./from_dewy.ts";
import { shellWords } from "./shell_words.ts";

/** Commands of Dewy that there is something for. */
const KNOWN = ["server"];

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
  if (!KNOWN.includes(command)) {
    io.err(`liveroll: ${JSON.stringify(command)} cannot be migrated, only ${KNOWN.join(", ")} can`);
    return EXIT_USAGE;
  }
  const { args: ours, notes, problems } = fromDewy(options, Deno.cwd());
  for (const line of [...problems, ...notes]) io.err(`# ${line}`);
  if (problems.length > 0) return EXIT_USAGE;
  io.out(shellWords(["liveroll", command, ...ours]));
  return 0;
}
