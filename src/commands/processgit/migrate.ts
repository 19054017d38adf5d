import { type Flag, optionOf } from "../../config/options.ts";
import { resolveOptions } from "../../config/resolve.ts";
import { EXIT_USAGE, type Io } from "../command.ts";
import { withFileFlag } from "../compose.ts";
import { shellWords } from "../dewy/shell_words.ts";
import { fromUpdater, type Translation } from "./from_updater.ts";
import { PREFIX } from "./old_variable.ts";

const USAGE = "liveroll: give variables as NAME=VALUE, and options of liveroll: " +
  "liveroll migrate processgit -- PROCESSGIT_UPDATER_STUB=false --port 80";

/**
 * `liveroll migrate processgit [-- NAME=VALUE … OPTION …]`: prints which `liveroll compose` the
 * variables of the updater of ProcessGit become; what is not quite the same goes to standard error.
 * What is printed is what liveroll takes.
 *
 * @returns The exit code.
 */
export function migrateProcessGit(args: readonly string[], io: Io): number {
  const [dashes, ...words] = args;
  const firstOption = words.findIndex((word) => word.startsWith("-"));
  const end = firstOption === -1 ? words.length : firstOption;
  const pairs = words.slice(0, end).map((word) => /^(\w+)=(.*)$/s.exec(word));
  if ((dashes ?? "--") !== "--" || pairs.includes(null)) {
    io.err(USAGE);
    return EXIT_USAGE;
  }
  const given = Object.fromEntries(pairs.map((pair) => [pair![1]!, pair![2]!]));
  const env = { ...io.env, ...given };
  const ours = withFileFlag(words.slice(end));
  const { problems, ...translation } = fromUpdater(ours, env);
  const line = commandLine(translation, ours);
  const complaints = problems.length > 0 ? problems : refusals(line, env, io);
  const remarks = [...translation.warnings, ...translation.notes];
  for (const remark of [...complaints, ...remarks]) io.err(`# ${remark}`);
  if (complaints.length > 0) return EXIT_USAGE;
  for (const remark of tokenRemarks(line)) io.err(`# ${remark}`);
  io.out(shellWords(["liveroll", "compose", ...line]));
  return 0;
}

/** All that is not what `liveroll compose` would do by itself; what was given comes last. */
function commandLine(
  { args, defaults }: Pick<Translation, "args" | "defaults">,
  ours: readonly string[],
): string[] {
  const isGiven = (flag: string) => ours.some((arg) => new RegExp(`^--?${flag}(=|$)`).test(arg));
  const others = Object.entries(defaults).filter(([flag]) => !isGiven(flag));
  const flags = others.map(([flag, value]) =>
    optionOf(flag as Flag).kind.isSwitch && value === "true" ? `--${flag}` : `--${flag}=${value}`
  );
  return [...args, ...flags, ...ours];
}

/** It is in no file yet, and must not be seen in a command line. */
function tokenRemarks(line: readonly string[]): string[] {
  const path = line.find((arg) => arg.startsWith("--control-token-file="))?.split(/=(.*)/s)[1];
  if (path === undefined) return [];
  return [`${PREFIX}TOKEN: liveroll updater writes it to ${path}; for liveroll compose, you do`];
}

/** What we would have against them here. */
function refusals(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  io: Io,
): readonly string[] {
  const resolution = resolveOptions({ args, env, cwd: Deno.cwd(), readFile: io.readFile });
  return resolution.kind === "errors" ? resolution.errors : [];
}
