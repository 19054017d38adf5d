import { resolveOptions } from "../../config/resolve.ts";
import { EXIT_USAGE, type Io } from "../command.ts";
import { defaultsOf } from "./defaults.ts";
import { fromDewy } from "./from_dewy.ts";
import { type DewyCommand, SUBJECT_OF, whatIsMissing } from "./keep_up.ts";
import { shellWords } from "./shell_words.ts";

/** Dewy opens no port then. */
const NO_PORT = "without --port liveroll listens on 8080, and the application on PORT";

/**
 * `liveroll migrate dewy -- COMMAND LINE`: prints what it becomes; what is not quite the same goes
 * to standard error. What is printed is what liveroll takes.
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
  const complaints = problems.length > 0 ? problems : refusals(command, ours, io);
  const needsNoPort = command === "assets" || complaints.length > 0;
  const hasPort = needsNoPort || ours.some((arg) => arg.startsWith("--port="));
  for (const line of [...complaints, ...notes, ...hasPort ? [] : [NO_PORT]]) io.err(`# ${line}`);
  if (complaints.length > 0) return EXIT_USAGE;
  io.out(shellWords(["liveroll", command, ...ours]));
  return 0;
}

function isKnown(command: string): command is DewyCommand {
  return Object.hasOwn(SUBJECT_OF, command);
}

/** What we would have against them here. */
function refusals(command: DewyCommand, args: readonly string[], io: Io): readonly string[] {
  const missing = whatIsMissing(command, args, io.env);
  if (missing !== null) return [missing];
  const resolution = resolveOptions({
    args,
    env: io.env,
    cwd: Deno.cwd(),
    readFile: io.readFile,
    defaults: defaultsOf(command, args, io.env),
    subject: SUBJECT_OF[command],
  });
  return resolution.kind === "errors" ? resolution.errors : [];
}
