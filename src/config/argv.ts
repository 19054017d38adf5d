import { parseArgs } from "@std/cli/parse-args";
import { quote } from "../values/kinds.ts";
import { suggestion } from "../values/suggestion.ts";
import type { Contribution, Given, Problem } from "./given.ts";
import { type Flag, FLAGS, isFlag, optionOf } from "./options.ts";

const ALIASES: ReadonlyMap<string, Flag> = new Map(
  FLAGS.flatMap((flag) => (optionOf(flag).aliases ?? []).map((alias) => [alias, flag])),
);

const REPEATED: readonly Flag[] = FLAGS.filter((flag) => optionOf(flag).kind.isRepeated);

/** Arguments in one spelling. */
interface Canonical {
  /** `--flag=value`, each with a known flag. */
  args: string[];
  problems: Problem[];
  meant: Flag[];
}

/**
 * Reads arguments in all spellings of Go's flag package: one dash or two, `-x v` or `-x=v`, a value
 * may begin with a dash, the last of several wins, `--` ends the flags.
 */
export function readArgv(args: readonly string[]): Contribution {
  const { args: canonical, problems, meant } = canonicalize(args);
  const values = parseArgs(canonical, { string: FLAGS, collect: REPEATED });
  const given = winners(canonical).map((flag): Given => {
    const value = values[flag];
    const text = Array.isArray(value) ? value.join("\n") : String(value);
    return { flag, text, origin: { from: "flag" } };
  });
  return { given, problems, meant };
}

/**
 * Go's grammar differs from what parseArgs accepts (single dashes, values that begin with a dash,
 * no clusters, no abbreviations), so this small step removes every choice first.
 */
function canonicalize(args: readonly string[]): Canonical {
  const result: Canonical = { args: [], problems: [], meant: [] };
  let index = 0;
  while (index < args.length) {
    const arg = args[index] ?? "";
    if (arg === "--" || !/^-./s.test(arg)) break;
    index += readFlag(arg, args[index + 1], result);
  }
  const rest = args.slice(args[index] === "--" ? index + 1 : index);
  if (rest.length > 0) refuseWords(rest, args[index - 1], result);
  return result;
}

/** @returns How many arguments were used up. */
function readFlag(arg: string, next: string | undefined, result: Canonical): 1 | 2 {
  const [, name = "", value] = /^--?([^-=][^=]*)(?:=(.*))?$/s.exec(arg) ?? [];
  if (name === "") {
    result.problems.push({ flag: null, message: `bad flag syntax: ${quote(arg)}` });
    return 1;
  }
  const flag = flagNamed(name);
  if (flag === null) return refuseFlag(name, value ?? next, value !== undefined, result);
  if (value !== undefined || optionOf(flag).kind.isSwitch) {
    result.args.push(`--${flag}=${value ?? "true"}`);
    return 1;
  }
  if (next !== undefined) {
    result.args.push(`--${flag}=${next}`);
    return 2;
  }
  const message = `--${flag}: flag needs an argument, for example --${flag} ${example(flag)}`;
  result.problems.push({ flag, message });
  result.meant.push(flag);
  return 1;
}

/** Steps over an unknown flag and what looks like its value, so that the rest can be judged. */
function refuseFlag(
  name: string,
  value: string | undefined,
  attached: boolean,
  result: Canonical,
): 1 | 2 {
  const near = suggestion(name, FLAGS);
  const hint = near === null ? "" : ` (did you mean --${near}?)`;
  const shown = /^[\w.-]+$/.test(name) ? `--${name}` : quote(`--${name}`);
  result.problems.push({ flag: null, message: `unknown flag ${shown}${hint}` });
  if (near !== null && isFlag(near)) result.meant.push(near);
  const isSwitch = near !== null && isFlag(near) && optionOf(near).kind.isSwitch;
  return !attached && !isSwitch && value !== undefined && !value.startsWith("-") ? 2 : 1;
}

function refuseWords(words: readonly string[], before: string | undefined, result: Canonical) {
  const [first = ""] = words;
  const after = before === undefined || before === "--" ? "" : ` after ${quote(before)}`;
  const fix = after === "" ? "" : "; quote a value that has spaces";
  result.problems.push({
    flag: null,
    message: `unexpected argument ${quote(first)}${after}${fix}`,
  });
  for (const word of words) {
    const flag = flagNamed(/^--?([^-=][^=]*)/.exec(word)?.[1] ?? "");
    if (flag !== null) result.meant.push(flag);
  }
}

/** The flags in the order of the occurrences that count. */
function winners(canonical: readonly string[]): Flag[] {
  const order = new Set<Flag>();
  for (const arg of canonical) {
    const name = arg.slice(2, arg.indexOf("="));
    if (!isFlag(name)) continue;
    order.delete(name);
    order.add(name);
  }
  return [...order];
}

function flagNamed(name: string): Flag | null {
  return isFlag(name) ? name : ALIASES.get(name) ?? null;
}

function example(flag: Flag): string {
  return optionOf(flag).default || optionOf(flag).kind.placeholder;
}
