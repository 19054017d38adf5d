import { PROXY_ENGINES } from "../config/config.ts";
import { enginesWith } from "../config/engine_rules.ts";
import { GROUPS } from "../config/option.ts";
import { type Flag, FLAGS, optionOf } from "../config/options.ts";
import { didYouMean } from "../values/suggestion.ts";
import {
  type Command,
  COMMAND_GROUPS,
  EXIT_USAGE,
  type FlagHelp,
  type Io,
  type Word,
} from "./command.ts";
import { EXIT, EXIT_MEANINGS } from "./exit_codes.ts";
import { UNIT_VERBS } from "./unit_verb.ts";

const WIDTH = 80;
const INDENT = 33;

const FOOTER = `\
Every option can also be set by the environment (LIVEROLL_ and the flag in
capitals, for example LIVEROLL_DRAIN_TIMEOUT) or in a YAML file (--config):
flag > environment > file > default. Times are written as in Go: 500ms, 10s,
1m30s; sizes are bytes, 64k and 1m in powers of 1024. One dash or two, --flag
value or --flag=value.

Signals: HUP checks now and replaces the child even if the version is the same,
reads the certificate and opens the access log again; USR2 replaces the child by
a fresh one of the same version, without a check; TERM, INT and QUIT drain and
stop everything, a second one forces.`;

const WHERE = `\
The application is found by --state-dir or --app; without them by
$STATE_DIRECTORY or $LIVEROLL_STATE_DIR, else in the current directory, where
that is a state directory itself, else in ./.liveroll.`;

const TOPICS: Readonly<Record<string, string>> = {
  run: `\
Usage: liveroll [run] --pull CMD --id CMD --exec CMD [options]

Keeps one application up to date without dropping a request: pulls, asks for
the version, starts a new one beside the old one, proves it, switches, drains
and stops the old one.`,
  server: `\
Usage: liveroll server --registry URL [options] -- COMMAND [ARGUMENTS]

Keeps a program at the newest release of a registry, behind the proxy: fetches
it, starts it beside the old one with PORT in its environment, proves it,
switches, drains and stops the old one. Takes the options of Dewy, too. Without
--healthcheck it is tcp: a child that listens is well.

  liveroll server --registry ghr://owner/app --port 8000 -- ./app`,
  assets: `\
Usage: liveroll assets --registry URL [--serve PORT] [options]

Keeps files at the newest release of a registry: fetches and unpacks it, and
lets the link "current" lead to it, in one step, between the two hooks. Nothing
is run. With --serve, serves the files, too: each answer is from one release.
Takes the options of Dewy, too.

  liveroll assets --registry 'ghr://owner/site?artifact=site.tar.gz'`,
  container: `\
Usage: liveroll container --image IMAGE [options] [-- OPTIONS [-- COMMAND]]
       liveroll container --registry img://HOST/REPO [options] [-- OPTIONS …]

Keeps an application in containers at what a tag stands for, or at the newest
version among the tags: pulls the image by its digest, starts containers beside
the old ones on ports of loopback, proves them, switches, drains, and removes
the old ones. What follows -- are options of docker run. The containers survive
liveroll. Without --healthcheck it is tcp; the image's own HEALTHCHECK counts,
too. Takes the options of Dewy, too.

  liveroll container --image ghcr.io/me/blog:2 --port 80 -- --env-file blog.env`,
  compose: `\
Usage: liveroll compose -f FILE --service NAME [--service NAME …] [options]

Keeps services of a compose file at what the tag of their image stands for, or,
with --registry img://HOST/REPO, at the newest version among its tags. Requests
go through liveroll to the first service. An override file of liveroll names the
image by its digest; the compose file stays as it is. By default containers are
replaced while requests wait; --strategy blue-green makes new ones beside the
old ones, where the file allows that. The stack survives liveroll.

  liveroll compose -f compose.yaml --service web --port 80
  liveroll compose -f compose.yaml --service web --port 80 --check`,
  updater: `\
Usage: liveroll updater [options]

Takes the place of the updater of ProcessGit: reads its variables
(PROCESSGIT_UPDATER_…), has its API at its address, and does what liveroll
compose does with --env-key and --notify-only. What a variable says can be said
by an option, too, which counts more. There is no stub mode: what an update
would do is told by liveroll update ID --dry-run.

  PROCESSGIT_UPDATER_TOKEN=… liveroll updater --port 80
  liveroll migrate processgit`,
  unit: `\
Usage: liveroll unit [COMMAND] [--socket [--template]] [options of COMMAND]

Prints a hardened systemd unit that runs liveroll with the same options. COMMAND
is ${UNIT_VERBS.slice(0, -1).join(", ")} or ${UNIT_VERBS.at(-1)}.

  liveroll unit --pull … --id … --exec … > /etc/systemd/system/blog.service
  liveroll unit container --image … --port 80 > /etc/systemd/system/shop.service`,
  version: `\
Usage: liveroll version

Prints the versions of liveroll and of the runtime it is built with.`,
  help: `\
Usage: liveroll help [command]

Explains a command.`,
};

/**
 * Explains the command that `args` names, or all of them.
 *
 * @returns The exit code.
 */
export function help(args: readonly string[], io: Io, commands: readonly Command[]): number {
  const [topic, extra] = args;
  if (extra !== undefined) {
    io.err(`liveroll: unexpected argument ${JSON.stringify(extra)} after "help"`);
    return EXIT_USAGE;
  }
  if (topic === undefined) {
    io.out(overview(commands));
    return 0;
  }
  const command = commands.find((command) => command.name === topic);
  if (command === undefined) {
    const hint = didYouMean(topic, commands.map((command) => command.name));
    io.err(`liveroll: no help for ${JSON.stringify(topic)}${hint}`);
    return EXIT_USAGE;
  }
  io.out(explanation(command));
  return 0;
}

/** All that is to be said of one command. */
export function explanation(command: Command): string {
  const { name, about, summary, takesOptions, optionsFor, flags } = command;
  if (about !== undefined) return verbTopic(command, about);
  const usage = TOPICS[name] ?? `Usage: liveroll ${name}\n\n${summary}`;
  const sections = [usage, ...ownFlags(flags)];
  if (takesOptions) sections.push(optionsHelp(optionsFor), FOOTER);
  return sections.join("\n\n");
}

/**
 * The options in their groups, at most 80 columns wide.
 *
 * @param isShown Which of them. @default All.
 */
export function optionsHelp(isShown: (flag: Flag) => boolean = () => true): string {
  return GROUPS.flatMap((group) => {
    const flags = FLAGS.filter((flag) => optionOf(flag).group === group && isShown(flag));
    return flags.length === 0 ? [] : [[`${group}:`, ...flags.map(optionHelp)].join("\n")];
  }).join("\n\n");
}

function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map((command) => command.name.length));
  const groups = COMMAND_GROUPS.map((group) => {
    const members = commands.filter((command) => command.group === group);
    const list = members.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
    return [`${group}:`, ...list].join("\n");
  });
  return [
    TOPICS.run,
    ...groups,
    `"liveroll help COMMAND" explains one of them.`,
    optionsHelp(),
    FOOTER,
  ].join("\n\n");
}

function verbTopic({ name, words, flags }: Command, about: string): string {
  const options = flags.length === 0 ? "" : " [options]";
  const sections = [`Usage: liveroll ${name}${words.map(wordText).join("")}${options}`, about];
  sections.push(...ownFlags(flags));
  if (flags.some((flag) => flag.name === "state-dir")) sections.push(WHERE);
  sections.push(["Exit codes:", ...exitLines()].join("\n"));
  return sections.join("\n\n");
}

function ownFlags(flags: readonly FlagHelp[]): string[] {
  return flags.length === 0 ? [] : [["Options:", ...flags.map(flagText)].join("\n")];
}

function wordText({ name, required }: Word): string {
  return required ? ` ${name}` : ` [${name}]`;
}

function flagText({ name, short, placeholder, help }: FlagHelp): string {
  const dashes = name.length === 1 ? "-" : "--";
  const names = `${short === undefined ? "" : `-${short}, `}${dashes}${name}`;
  return entry(`  ${names}${placeholder === null ? "" : ` ${placeholder}`}`, help);
}

function exitLines(): string[] {
  const kinds = Object.keys(EXIT) as (keyof typeof EXIT)[];
  return kinds.map((kind) => `  ${String(EXIT[kind]).padStart(3)}  ${EXIT_MEANINGS[kind]}`);
}

function optionHelp(flag: Flag): string {
  const option = optionOf(flag);
  const { placeholder, isSwitch } = option.kind;
  const short = placeholder.length > 8 && placeholder.includes("|") ? "WORD" : placeholder;
  const head = `  --${flag}${isSwitch ? "" : ` ${short}`}`;
  const words = short === placeholder ? "" : `: ${placeholder.replaceAll("|", ", ")}`;
  const remark = option.remark === undefined ? "" : `; ${option.remark}`;
  const text = `${option.help}${words}${remark}${engineNote(flag)}${defaultNote(flag)}`;
  return entry(head, text);
}

/** `text` beside `head`. */
function entry(head: string, text: string): string {
  const [first = "", ...rest] = wrap(text, WIDTH - INDENT);
  return [head.padEnd(INDENT) + first, ...rest.map((line) => " ".repeat(INDENT) + line)].join("\n");
}

function engineNote(flag: Flag): string {
  const engines = enginesWith(flag);
  return engines.length === PROXY_ENGINES.length ? "" : `; only ${engines.join(" and ")}`;
}

function defaultNote(flag: Flag): string {
  const option = optionOf(flag);
  if (option.required === true) return " (required)";
  if (option.required !== undefined) {
    return ` (required without ${option.required.unless.map((one) => `--${one}`).join(" or ")})`;
  }
  return option.kind.isSwitch || !option.default ? "" : ` (default ${option.default})`;
}

function wrap(text: string, width: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? "";
    if (line !== "" && line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines;
}
