import { resolve } from "node:path";

/** Options whose value names a file or directory of this host, and where in the value it does. */
const WITH_PATHS: readonly (readonly [option: RegExp, path: RegExp])[] = [
  [/^--env-file(?:=|$)/, /^()([^/].*)$/s],
  [/^(?:--volume(?:=|$)|-v=?)/, /^()(\.{1,2}(?:\/[^:]*)?)(?=:)/],
  [/^--mount(?:=|$)/, /^((?:.*,)?(?:source|src)=)(\.{1,2}(?:\/[^,]*)?)(?=,|$)/s],
];

/** Options of `docker run` that mean the same wherever they are read; a command behind `--` stays. */
export function withWholePaths(words: readonly string[], cwd: string): string[] {
  const end = words.indexOf("--");
  const options = end === -1 ? words : words.slice(0, end);
  const whole = options.map((word, at) => {
    const before = options[at - 1] ?? "";
    // The value of the word before it; one that has its own value is followed by another option.
    const awaited = WITH_PATHS.find(([option]) => option.exec(before)?.[0] === before);
    if (awaited !== undefined && !before.endsWith("=")) return inPlace(word, awaited[1], cwd);
    const own = WITH_PATHS.find(([option]) => option.test(word));
    const name = own?.[0].exec(word)?.[0] ?? "";
    if (own === undefined || name === word) return word;
    return `${name}${inPlace(word.slice(name.length), own[1], cwd)}`;
  });
  return [...whole, ...words.slice(options.length)];
}

function inPlace(value: string, path: RegExp, cwd: string): string {
  return value.replace(path, (_, before, found) => `${before}${resolve(cwd, found)}`);
}
