import { isForAssets } from "../config/assets_rules.ts";
import { didYouMean } from "../config/suggestion.ts";
import { type Command, EXIT_USAGE, type Io } from "./command.ts";
import type { DewyCommand } from "./dewy/keep_up.ts";
import { help } from "./help.ts";
import { LOOK } from "./table/look.ts";
import { STEER } from "./table/steer.ts";
import { tools } from "./table/tools.ts";
import { version } from "./version.ts";
import { withOptions } from "./with_options.ts";

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
    run: (args, io) =>
      withOptions(args, io, {
        help: () => help([DEFAULT_COMMAND], io, COMMANDS),
        run: async ({ config }) => await (await import("./run.ts")).run(config),
      }),
  },
  {
    name: "server",
    group: "Run",
    summary: "keep a program at the newest release of a registry, as Dewy does",
    takesOptions: true,
    words: [],
    flags: [],
    run: async (args, io) => await keepUp("server", args, io),
  },
  {
    name: "assets",
    group: "Run",
    summary: "keep files at the newest release of a registry, as Dewy does",
    takesOptions: true,
    optionsFor: isForAssets,
    words: [],
    flags: [],
    run: async (args, io) => await keepUp("assets", args, io),
  },
  {
    name: "container",
    group: "Run",
    summary: "keep an application in containers at the newest image",
    takesOptions: true,
    words: [],
    flags: [],
    run: async (args, io) => await keepUp("container", args, io),
  },
  {
    name: "compose",
    group: "Run",
    summary: "keep services of a compose file at the newest image",
    takesOptions: true,
    words: [],
    flags: [],
    run: async (args, io) => await (await import("./compose.ts")).compose(args, io, COMMANDS),
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
    words: [{ name: "assets", choices: ["assets"] }],
    flags: [{
      name: "socket",
      placeholder: null,
      help: "print a .socket unit that holds the public ports, too",
    }],
    run: (args, io) => {
      const [word = "", ...rest] = args.filter((arg) => arg !== "--socket");
      const hasSocket = args.includes("--socket");
      return withOptions(
        word === "assets" ? rest : [word, ...rest].filter((arg) => arg !== ""),
        io,
        {
          subject: word === "assets" ? "assets" : "program",
          help: () => help(["unit"], io, COMMANDS),
          run: async (resolved) => (await import("./unit.ts")).unit(resolved, io, { hasSocket }),
        },
      );
    },
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

async function keepUp(command: DewyCommand, args: readonly string[], io: Io): Promise<number> {
  return await (await import("./dewy/keep_up.ts")).keepUp(command, args, io, COMMANDS);
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
