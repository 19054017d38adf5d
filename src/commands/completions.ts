import { type Flag, FLAGS, optionOf } from "../config/options.ts";
import type { Command, FlagHelp } from "./command.ts";
import { bash } from "./completions/bash.ts";
import { fish } from "./completions/fish.ts";
import { zsh } from "./completions/zsh.ts";

/** What a shell is to know of one command. */
export interface CompletedCommand {
  readonly name: string;
  readonly summary: string;
  /** What its first word may be; empty: anything. */
  readonly words: readonly string[];
  readonly flags: readonly CompletedFlag[];
}

/** What a shell is to know of one flag. */
export interface CompletedFlag {
  /** With dashes; the short spelling first. */
  readonly spellings: readonly string[];
  readonly help: string;
  /** What its value is: nothing (it takes none), a path, one of some words, or anything. */
  readonly value: { kind: "none" | "file" | "directory" | "any" } | {
    kind: "words";
    words: readonly string[];
  };
}

const WRITERS = { bash, zsh, fish };

/** The script that completes commands and flags in `shell`. */
export function completions(shell: keyof typeof WRITERS, commands: readonly Command[]): string {
  const names = commands.map(({ name }) => name);
  const completed = commands.map((command) => completedCommand(command, names));
  return WRITERS[shell](completed).trimEnd();
}

function completedCommand(command: Command, names: readonly string[]): CompletedCommand {
  const { name, summary, words: [word], flags, takesOptions, optionsFor = () => true } = command;
  const options = takesOptions ? FLAGS.filter(optionsFor).map(optionFlag) : [];
  return {
    name,
    summary,
    words: name === "help" ? names : word?.choices ?? [],
    flags: [...options, ...flags.map(ownFlag)],
  };
}

function optionFlag(flag: Flag): CompletedFlag {
  const { kind: { placeholder, isSwitch }, help } = optionOf(flag);
  return {
    spellings: [`--${flag}`],
    help,
    value: valueOf(isSwitch ? null : placeholder),
  };
}

function ownFlag({ name, short, placeholder, help }: FlagHelp): CompletedFlag {
  const own = `${name.length === 1 ? "-" : "--"}${name}`;
  return {
    spellings: short === undefined ? [own] : [`-${short}`, own],
    help,
    value: valueOf(placeholder),
  };
}

function valueOf(placeholder: string | null): CompletedFlag["value"] {
  if (placeholder === null) return { kind: "none" };
  if (placeholder === "FILE") return { kind: "file" };
  if (placeholder === "DIR") return { kind: "directory" };
  if (/^[\w.-]+(\|[\w.-]+)+$/.test(placeholder)) {
    return { kind: "words", words: placeholder.split("|") };
  }
  return { kind: "any" };
}
