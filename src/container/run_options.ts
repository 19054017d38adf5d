import { quote } from "../values/kinds.ts";
import { didYouMean } from "../values/suggestion.ts";
import type { CreateBody } from "./engine/create_body.ts";
import { DENIED, DENIED_LETTERS } from "./run/denied.ts";
import { Draft, type RunContext } from "./run/draft.ts";
import { OPTIONS, OTHER_NAMES } from "./run/table.ts";

/** How containers are made, whatever their image. */
export interface RunOptions {
  /** What names of containers begin with; null: not given. */
  readonly name: string | null;
  /** What an engine is asked to create, without the image, labels and ports of liveroll. */
  readonly body: Omit<CreateBody, "Image">;
}

/** A word that is an option, taken apart. */
interface Written {
  /** As it was written, without its value: `--env` or `-e`. */
  readonly shown: string;
  readonly name: string;
  /** Null: it is in the next word, if one is needed. */
  readonly value: string | null;
}

/**
 * Reads options as they stand between `docker run` and the image, and after another `--` a command
 * that takes the place of the image's own.
 *
 * @example `-e MODE=production -v data:/data --memory 512m -- ./server --verbose`
 *
 * @throws {SyntaxError} When an option is unknown, cannot be used here, or its value cannot be read;
 * the message names it.
 * @throws {RangeError} When a value is out of range.
 */
export function parseRunOptions(words: readonly string[], context: RunContext): RunOptions {
  const draft = new Draft(context);
  for (let index = 0; index < words.length;) {
    if (words[index] === "--") {
      draft.command = commandIn(words.slice(index + 1));
      break;
    }
    index += take(draft, words[index] ?? "", words[index + 1]);
  }
  check(draft);
  return { name: draft.name, body: draft.body() };
}

/** @returns How many words were used up. */
function take(draft: Draft, word: string, next: string | undefined): 1 | 2 {
  const written = read(word);
  const option = OPTIONS.get(written.name);
  if (option === undefined) throw unknown(written);
  if (option.isSwitch) {
    apply(draft, written, written.value ?? "true");
    return 1;
  }
  if (written.value !== null) {
    apply(draft, written, written.value);
    return 1;
  }
  if (next === undefined) throw new SyntaxError(`${written.shown} needs a value`);
  apply(draft, written, next);
  return 2;
}

function read(word: string): Written {
  const [, long, longValue] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
  if (long !== undefined) return named(`--${long}`, long, longValue ?? null);
  const [, letter, rest = ""] = /^-([^-=])(.*)$/s.exec(word) ?? [];
  if (letter === undefined) {
    throw new SyntaxError(
      `${quote(word)} is no option of docker run: the image is given elsewhere, and a command ` +
        "goes behind another --",
    );
  }
  // As docker reads it: `-eA=b`, `-e=A=b`, `-e A=b`.
  return named(`-${letter}`, letter, rest === "" ? null : rest.replace(/^=/, ""));
}

function named(shown: string, given: string, value: string | null): Written {
  const isLetter = given.length === 1;
  const denied = isLetter && !shown.startsWith("--") ? DENIED_LETTERS.get(given) : given;
  const reason = denied === undefined ? undefined : DENIED.get(denied);
  if (reason !== undefined) throw new SyntaxError(`${shown} cannot be used: ${reason}`);
  const isLong = shown.startsWith("--");
  const other = isLetter && isLong ? undefined : OTHER_NAMES.get(given);
  return { shown, name: other ?? (isLetter ? "" : given), value };
}

function unknown({ shown, name }: Written): SyntaxError {
  const known = [...OPTIONS.keys()];
  const near = didYouMean(name, known).replace('"', '"--');
  const all = known.map((one) => `--${one}`).join(", ");
  return new SyntaxError(`unknown option ${quote(shown)} of docker run${near}: known are ${all}`);
}

/** Says which option it is that has a bad value. */
function apply(draft: Draft, { name, shown }: Written, value: string): void {
  try {
    OPTIONS.get(name)?.apply(draft, value);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) {
      error.message = `${shown}: ${error.message}`;
    }
    throw error;
  }
}

function commandIn(words: readonly string[]): readonly string[] {
  if (words.length > 0 && words[0] !== "") return words;
  throw new SyntaxError("there is no command behind the second --, give one or leave it out");
}

/** What makes no sense together. */
function check({ network, aliases, addresses, health, hasNoHealthcheck }: Draft): void {
  if (network === null && aliases.length > 0) {
    throw new SyntaxError("--network-alias needs --network NAME");
  }
  if (network === null && Object.keys(addresses).length > 0) {
    throw new SyntaxError("--ip and --ip6 need --network NAME");
  }
  if (hasNoHealthcheck && Object.keys(health).length > 0) {
    throw new SyntaxError("--no-healthcheck cannot be used together with --health-…");
  }
}
