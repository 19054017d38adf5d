import { isForAssets } from "../config/assets_rules.ts";
import { didYouMean } from "../values/suggestion.ts";
import { type Command, EXIT_USAGE, type Io } from "./command.ts";
import type { DewyCommand } from "./dewy/keep_up.ts";
import { help } from "./help.ts";
import { LOOK } from "./table/look.ts";
import { STEER } from "./table/steer.ts";
import { tools } from "./table/tools.ts";
import { UNIT_VERBS } from "./unit_verb.ts";
import { version } from "./version.ts";
import { type OptionsHandler, withOptions } from "./with_options.ts";

const DEFAULT_COMMAND = "run";

/** Programs whose command lines are known. */
const MIGRATES = ["dewy", "processgit"] as const;

/** Every verb, in the order of the help. What only one of them needs is loaded when it runs. */
export const COMMANDS: readonly Command[] = [
  {
    name: DEFAULT_COMMAND,
    group: "Run",
    summary: "keep an application up to date, the default",
    takesOptions: true,
    words: [],
    flags: [],
    run: (args, io) => withOptions(args, io, running(DEFAULT_COMMAND, io)),
  },
  {
    name: "server",
    group: "Run",
    summary: "keep a program at the newest release of a registry, as Dewy does",
    takesOptions: true,
    words: [],
    flags: [],
    run: async (args, io) => await keepUp("server", args, io, running("server", io)),
  },
  {
    name: "assets",
    group: "Run",
    summary: "keep files at the newest release of a registry, as Dewy does",
    takesOptions: true,
    optionsFor: isForAssets,
    words: [],
    flags: [],
    run: async (args, io) => await keepUp("assets", args, io, running("assets", io)),
  },
  {
    name: "container",
    group: "Run",
    summary: "keep an application in containers at the newest image",
    takesOptions: true,
    words: [],
    flags: [],
    run: async (args, io) => await keepUp("container", args, io, running("container", io)),
  },
  {
    name: "compose",
    group: "Run",
    summary: "keep services of a compose file at the newest image",
    takesOptions: true,
    words: [],
    flags: [],
    run: async (args, io) => await compose(args, io, running("compose", io)),
  },
  {
    name: "updater",
    group: "Run",
    summary: "the same in the place of ProcessGit's updater, by its variables",
    takesOptions: true,
    words: [],
    flags: [],
    run: async (args, io) =>
      await (await import("./processgit/updater.ts")).updater(args, io, COMMANDS),
  },
  {
    name: "unit",
    group: "Run",
    summary: "print a systemd unit for the same options",
    takesOptions: true,
    words: [{ name: "command", choices: UNIT_VERBS }],
    flags: [{
      name: "socket",
      placeholder: null,
      help: "print a .socket unit that holds the public ports, too",
    }, {
      name: "template",
      placeholder: null,
      help: "with --socket: print a template, of which one instance takes over from another",
    }],
    run: async (args, io) => await printUnit(args, io),
  },
  ...LOOK,
  ...STEER,
  ...tools(() => COMMANDS),
  {
    name: "migrate",
    group: "Tools",
    summary: "print what a command line of another program becomes",
    about: `\
Prints the command line that does the same here, and what is not quite the same:

  liveroll migrate dewy -- dewy server --registry ghr://me/app -p 80 -- ./app
  liveroll migrate processgit -- PROCESSGIT_UPDATER_STUB=false --port 80

The variables of the updater of ProcessGit are also read from the environment.`,
    takesOptions: false,
    words: [{ name: MIGRATES.join("|"), required: true, choices: MIGRATES }],
    flags: [],
    run: migrate,
  },
  {
    name: "version",
    group: "Tools",
    summary: "print the version",
    takesOptions: false,
    words: [],
    flags: [],
    run: (args, io) => Promise.resolve(version(args, io)),
  },
  {
    name: "help",
    group: "Tools",
    summary: "explain a command",
    takesOptions: false,
    words: [{ name: "command" }],
    flags: [],
    run: (args, io) => Promise.resolve(help(args, io, COMMANDS)),
  },
];

async function migrate(args: readonly string[], io: Io): Promise<number> {
  if (args[0] !== "processgit") return (await import("./dewy/migrate.ts")).migrate(args, io);
  return (await import("./processgit/migrate.ts")).migrateProcessGit(args.slice(1), io);
}

/** What a command that keeps something up to date does with its options. */
function running(name: string, io: Io): OptionsHandler {
  return {
    help: () => help([name], io, COMMANDS),
    run: async ({ config }) => await (await import("./run.ts")).run(config),
  };
}

async function keepUp(
  command: DewyCommand,
  args: readonly string[],
  io: Io,
  how: OptionsHandler,
): Promise<number> {
  return await (await import("./dewy/keep_up.ts")).keepUp(command, args, io, how);
}

async function compose(args: readonly string[], io: Io, how: OptionsHandler): Promise<number> {
  return await (await import("./compose.ts")).compose(args, io, how);
}

/** `liveroll unit [COMMAND]`: options are read as that command reads them. */
async function printUnit(words: readonly string[], io: Io): Promise<number> {
  const [hasSocket, isTemplate] = [words.includes("--socket"), words.includes("--template")];
  const args = words.filter((word) => !/^--(socket|template)$/.test(word));
  const command = UNIT_VERBS.find((one) => one === args[0]);
  const how: OptionsHandler = {
    help: () => help(["unit"], io, COMMANDS),
    run: async (resolved) => {
      const { unit } = await import("./unit.ts");
      const asked = { hasSocket, isTemplate, ...(command !== undefined && { command }) };
      return unit(resolved, io, asked);
    },
  };
  const rest = args.slice(command === undefined ? 0 : 1);
  switch (command) {
    case undefined:
    case "run":
      return await withOptions(rest, io, how);
    case "compose":
      return await compose(rest, io, how);
    case "assets":
      return await withOptions(rest, io, { ...how, subject: "assets" });
    default:
      return await keepUp(command, rest, io, how);
  }
}

/**
 * Runs the command that `argv` names, `run` if it names none.
 *
 * @returns The exit code.
 */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  const [first = "", ...rest] = argv;
  if (/^(-h|--?help)$/.test(first) && rest.length === 0) return help([], io, COMMANDS);
  const hasVerb = argv.length > 0 && !first.startsWith("-");
  const name = hasVerb ? first : DEFAULT_COMMAND;
  const command = COMMANDS.find((command) => command.name === name);
  if (command !== undefined) return await command.run(hasVerb ? rest : argv, io);

  const hint = didYouMean(name, COMMANDS.map((command) => command.name));
  io.err(`liveroll: unknown command ${JSON.stringify(name)}${hint}`);
  io.err(`Run "liveroll help" for all commands`);
  return EXIT_USAGE;
}
