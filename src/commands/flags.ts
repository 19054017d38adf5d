import { duration, integer, type Kind, quote, toggle } from "../values/kinds.ts";
import { didYouMean, suggestion } from "../values/suggestion.ts";
import type { FlagHelp, Word } from "./command.ts";

/** One flag of a command; its key is its name without dashes. */
export interface CommandFlag<T = unknown> {
  readonly kind: Kind<T>;
  /** As a user would write it; null: none. */
  readonly default: string | null;
  /** A shorter spelling, without its dash. */
  readonly short?: string;
  readonly help: string;
}

/** The flags of one command. */
export type CommandFlags = Readonly<Record<string, CommandFlag>>;

/** Their values, typed by their rows. */
export type FlagValues<F extends CommandFlags> = {
  readonly [N in keyof F]: F[N] extends { kind: Kind<infer T> }
    ? (F[N] extends { default: string } ? T : T | null)
    : never;
};

/** What somebody wrote, or what is wrong with it. */
export type ParsedCommand<F extends CommandFlags> =
  | { readonly kind: "help" }
  | { readonly kind: "errors"; readonly errors: readonly string[] }
  | { readonly kind: "ok"; readonly words: readonly string[]; readonly values: FlagValues<F> };

const HELP = ["h", "help"];

/** A flag that is there or not. */
export function switchFlag(help: string, short?: string) {
  const flag = { kind: toggle, default: "false", help } as const;
  return short === undefined ? flag : { ...flag, short } as const;
}

/** How many. */
export function countFlag<const D extends string>(fallback: D, most: number, help: string) {
  return { kind: integer(1, most), default: fallback, help } as const;
}

/** How long. */
export function timeFlag<const D extends string>(fallback: D, help: string) {
  return { kind: duration(), default: fallback, help } as const;
}

/** Any text but an empty one. */
export function textFlag<const D extends string>(placeholder: string, fallback: D, help: string) {
  return { kind: { placeholder, parse: parseText }, default: fallback, help } as const;
}

/** The flags as help and completions show them. */
export function flagHelp(flags: CommandFlags): FlagHelp[] {
  return Object.entries(flags).map(([name, { kind, short, help, default: fallback }]) => ({
    name,
    ...(short === undefined ? {} : { short }),
    placeholder: kind.isSwitch ? null : kind.placeholder,
    help: kind.isSwitch || !fallback ? help : `${help} (default ${fallback})`,
  }));
}

/**
 * Reads the arguments of a command in all spellings of Go's flag package, but words may stand
 * before flags, too. All that is wrong is told at once.
 */
export function parseCommand<F extends CommandFlags>(
  args: readonly string[],
  flags: F,
  words: readonly Word[],
): ParsedCommand<F> {
  const reader = new Reader(flags);
  reader.read(args);
  if (reader.wantsHelp) return { kind: "help" };
  const values = reader.values();
  const errors = [...reader.errors, ...complaintsAbout(reader.words, words)];
  if (errors.length > 0) return { kind: "errors", errors };
  return { kind: "ok", words: reader.words, values: values as FlagValues<F> };
}

class Reader {
  readonly words: string[] = [];
  readonly errors: string[] = [];
  wantsHelp = false;
  readonly #flags: CommandFlags;
  readonly #texts = new Map<string, string>();

  constructor(flags: CommandFlags) {
    this.#flags = flags;
  }

  read(args: readonly string[]): void {
    for (let index = 0; index < args.length;) {
      const arg = args[index] ?? "";
      if (arg === "--") {
        this.words.push(...args.slice(index + 1));
        return;
      }
      if (arg.startsWith("-") && arg !== "-") index += this.#readFlag(arg, args[index + 1]);
      else index += this.words.push(arg) > 0 ? 1 : 0;
    }
  }

  values(): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(this.#flags).map(([name, flag]) => [name, this.#value(name, flag)]),
    );
  }

  /** @returns How many arguments were used up. */
  #readFlag(arg: string, next: string | undefined): 1 | 2 {
    const [, name = "", attached] = /^--?([^-=][^=]*)(?:=(.*))?$/s.exec(arg) ?? [];
    if (HELP.includes(name)) this.wantsHelp = true;
    if (HELP.includes(name)) return 1;
    const flag = this.#named(name);
    if (flag === null) return this.#refuse(arg, name);
    if (this.#flags[flag]?.kind.isSwitch || attached !== undefined) {
      this.#texts.set(flag, attached ?? "true");
      return 1;
    }
    if (next === undefined) {
      this.errors.push(
        `--${flag}: flag needs an argument, for example --${flag} ${this.#example(flag)}`,
      );
      return 1;
    }
    this.#texts.set(flag, next);
    return 2;
  }

  #refuse(arg: string, name: string): 1 {
    if (name === "") {
      this.errors.push(`bad flag syntax: ${quote(arg)}`);
      return 1;
    }
    const near = suggestion(name, Object.keys(this.#flags));
    const hint = near === null ? "" : ` (did you mean --${near}?)`;
    const shown = /^[\w.-]+$/.test(name) ? `--${name}` : quote(`--${name}`);
    this.errors.push(`unknown flag ${shown}${hint}`);
    return 1;
  }

  #named(name: string): string | null {
    if (Object.hasOwn(this.#flags, name)) return name;
    return Object.keys(this.#flags).find((flag) => this.#flags[flag]?.short === name) ?? null;
  }

  #example(flag: string): string {
    return this.#flags[flag]?.default || this.#flags[flag]?.kind.placeholder || "";
  }

  #value(name: string, { kind, default: fallback }: CommandFlag): unknown {
    const text = this.#texts.get(name) ?? fallback;
    if (text === null) return null;
    try {
      return kind.parse(text);
    } catch (error) {
      this.errors.push(`--${name}: ${error instanceof Error ? error.message : String(error)}`);
      return null;
    }
  }
}

function complaintsAbout(given: readonly string[], words: readonly Word[]): string[] {
  const missing = words.slice(given.length).filter((word) => word.required);
  return [
    ...missing.map(({ name, choices }) =>
      `${name} is missing${choices ? `: give ${choices.join(" or ")}` : ""}`
    ),
    ...words.flatMap((word, index) => complaintAbout(given[index], word)),
    ...given.slice(words.length, words.length + 1).map((word) =>
      `unexpected argument ${quote(word)}`
    ),
  ];
}

function complaintAbout(text: string | undefined, { name, choices, isNumber }: Word): string[] {
  if (text === undefined) return [];
  if (text.trim() === "") return [`${name} is empty`];
  if (isNumber && !/^[1-9]\d{0,14}$/.test(text)) {
    return [`${name}: ${quote(text)} is not the number of a roll, see liveroll history`];
  }
  if (choices === undefined || choices.includes(text)) return [];
  const hint = didYouMean(text, choices);
  return [`${name}: unknown word ${quote(text)}${hint}: give ${choices.join(" or ")}`];
}

function parseText(text: string): string {
  if (text.trim() !== "") return text;
  throw new SyntaxError("the text is empty");
}
