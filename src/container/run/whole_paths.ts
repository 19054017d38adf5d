import { resolve } from "node:path";
import { readCsv, writeCsv } from "./csv.ts";

/** Makes the paths in a value whole. */
type Complete = (value: string, cwd: string) => string;

/** Options whose value names a file or directory of this host. */
const WITH_PATHS: readonly (readonly [option: RegExp, complete: Complete])[] = [
  [/^--env-file(?:=|$)/, inPlace(/^()([^/].*)$/s)],
  [/^(?:--volume(?:=|$)|-v=?)/, inPlace(/^()(\.{1,2}(?:\/[^:]*)?)(?=:)/)],
  [/^--mount(?:=|$)/, inMount],
];

/** Options of `docker run` that mean the same wherever they are read; a command behind `--` stays. */
export function withWholePaths(words: readonly string[], cwd: string): string[] {
  const end = words.indexOf("--");
  const options = end === -1 ? words : words.slice(0, end);
  const whole = options.map((word, at) => {
    const before = options[at - 1] ?? "";
    // The value of the word before it; one that has its own value is followed by another option.
    const awaited = WITH_PATHS.find(([option]) => option.exec(before)?.[0] === before);
    if (awaited !== undefined && !before.endsWith("=")) return awaited[1](word, cwd);
    const own = WITH_PATHS.find(([option]) => option.test(word));
    const name = own?.[0].exec(word)?.[0] ?? "";
    if (own === undefined || name === word) return word;
    return `${name}${own[1](word.slice(name.length), cwd)}`;
  });
  return [...whole, ...words.slice(options.length)];
}

function inPlace(path: RegExp): Complete {
  return (value, cwd) =>
    value.replace(path, (_, before, found) => `${before}${resolve(cwd, found)}`);
}

function inMount(value: string, cwd: string): string {
  let fields: string[];
  try {
    fields = readCsv(value);
  } catch {
    // Whoever reads it says what is wrong.
    return value;
  }
  const complete = inPlace(/^((?:source|src)=)(\.{1,2}(?:\/.*)?)$/s);
  return writeCsv(fields.map((field) => complete(field, cwd)));
}
